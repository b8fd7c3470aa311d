import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.keyvault.secrets.aio import SecretClient as AioSecretClient
from vault_connection import StartVault, connected


def authority_of(ready: dict[str, Any]) -> bytes:
    return Path(ready["vaultCa"]).read_bytes()


async def test_a_secret_is_read_back_with_what_was_said_about_it(client: AioSecretClient) -> None:
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    written = await client.set_secret(
        "hub-1", "first", content_type="password", tags={"state": "pending"}, expires_on=expires
    )
    read = await client.get_secret("hub-1")
    assert (read.value, read.id) == ("first", written.id)
    assert read.properties.content_type == "password"
    assert read.properties.tags == {"state": "pending"}
    assert read.properties.expires_on == expires
    assert read.properties.enabled is True
    assert read.properties.created_on is not None


async def test_setting_a_name_again_adds_a_version_and_keeps_the_old_one(
    client: AioSecretClient,
) -> None:
    first = await client.set_secret("hub-1", "first")
    second = await client.set_secret("hub-1", "second")
    assert (await client.get_secret("hub-1")).value == "second"
    assert (await client.get_secret("hub-1", first.properties.version)).value == "first"
    versions = [one.version async for one in client.list_properties_of_secret_versions("hub-1")]
    assert versions == [first.properties.version, second.properties.version]


async def test_properties_of_one_version_change_without_its_value(client: AioSecretClient) -> None:
    first = await client.set_secret("hub-1", "first", content_type="password", tags={"a": "b"})
    await client.set_secret("hub-1", "second")
    version = first.properties.version
    await client.update_secret_properties("hub-1", version, tags={"state": "previous"})
    read = await client.get_secret("hub-1", version)
    assert (read.value, read.properties.tags) == ("first", {"state": "previous"})
    assert read.properties.content_type == "password"
    assert (await client.get_secret("hub-1")).properties.tags is None


async def test_a_disabled_version_is_refused_to_readers(client: AioSecretClient) -> None:
    await client.set_secret("hub-1", "first")
    await client.update_secret_properties("hub-1", enabled=False)
    with pytest.raises(HttpResponseError) as refused:
        await client.get_secret("hub-1")
    assert refused.value.status_code == 403
    assert refused.value.error is not None
    assert refused.value.error.code == "Forbidden"
    await client.update_secret_properties("hub-1", enabled=True)
    assert (await client.get_secret("hub-1")).value == "first"


async def test_an_unknown_secret_and_an_unknown_version_are_not_found(
    client: AioSecretClient,
) -> None:
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        await client.get_secret("nobody")
    await client.set_secret("hub-1", "first")
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        await client.get_secret("hub-1", "0" * 32)


async def test_a_deleted_name_is_blocked_until_recovered_or_purged(
    client: AioSecretClient,
) -> None:
    await client.set_secret("hub-1", "first")
    deleted = await client.delete_secret("hub-1")
    assert deleted.recovery_id is not None
    with pytest.raises(ResourceNotFoundError):
        await client.get_secret("hub-1")
    with pytest.raises(ResourceExistsError, match="deleted but recoverable"):
        await client.set_secret("hub-1", "second")
    assert [one.name async for one in client.list_deleted_secrets()] == ["hub-1"]
    await client.recover_deleted_secret("hub-1")
    assert (await client.get_secret("hub-1")).value == "first"
    await client.delete_secret("hub-1")
    await client.purge_deleted_secret("hub-1")
    with pytest.raises(ResourceNotFoundError):
        await client.get_deleted_secret("hub-1")
    await client.set_secret("hub-1", "anew")
    versions = [one async for one in client.list_properties_of_secret_versions("hub-1")]
    assert len(versions) == 1


async def test_a_long_list_comes_in_pages(client: AioSecretClient) -> None:
    names = [f"hub-{number:02}" for number in range(30)]
    for name in names:
        await client.set_secret(name, "x")
    assert [one.name async for one in client.list_properties_of_secrets()] == names


async def test_the_sync_client_works_too(ready: dict[str, Any]) -> None:
    def use() -> str | None:
        with (
            ManagedIdentityCredential() as credential,
            SecretClient(
                ready["vault"],
                credential,
                verify_challenge_resource=False,
                connection_verify=ready["vaultCa"],
            ) as sync,
        ):
            sync.set_secret("hub-1", "first")
            return sync.get_secret("hub-1").value

    assert await asyncio.to_thread(use) == "first"


async def test_secrets_and_trust_survive_a_restart(start_vault: StartVault) -> None:
    async with start_vault() as before, connected(before) as client:
        await client.set_secret("hub-1", "first")
        await client.set_secret("hub-1", "second", tags={"state": "current"})
        authority = authority_of(before)
    async with start_vault() as after, connected(after) as client:
        read = await client.get_secret("hub-1")
        versions = [one async for one in client.list_properties_of_secret_versions("hub-1")]
        assert authority_of(after) == authority
    assert (read.value, read.properties.tags, len(versions)) == ("second", {"state": "current"}, 2)


async def test_a_seeded_secret_does_not_overwrite_a_newer_one(start_vault: StartVault) -> None:
    async with start_vault(hub={"value": "seeded"}) as first, connected(first) as client:
        assert (await client.get_secret("hub")).value == "seeded"
        await client.set_secret("hub", "newer")
    async with start_vault(hub={"value": "seeded"}) as second, connected(second) as client:
        assert (await client.get_secret("hub")).value == "newer"


async def test_a_token_for_another_service_is_refused(
    ready: dict[str, Any], keyed_issuer: Any
) -> None:
    foreign = keyed_issuer.issue("https://graph.microsoft.com", None)["access_token"]
    async with aiohttp.ClientSession() as http:
        refused = await http.get(
            f"{ready['vault']}/secrets?api-version=7.6",
            headers={"Authorization": f"Bearer {foreign}"},
            ssl=ssl.create_default_context(cafile=ready["vaultCa"]),
        )
        assert refused.status == 401
        assert 'resource="https://vault.azure.net"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "tags", [{str(n): "" for n in range(16)}, {"k" * 257: "x"}, {"x": "v" * 257}], ids=len
)
async def test_tags_have_limits(client: AioSecretClient, tags: dict[str, str]) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await client.set_secret("hub-1", "x", tags=tags)
    assert refused.value.status_code == 400
    await client.set_secret("hub-1", "x", tags={str(n): "v" * 256 for n in range(15)})
