"""The app's own vault, `shared.vault.keyvault`, over the wire."""

import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient
from pydantic import SecretStr
from vault_connection import Ready

from shared.clock import utc_now
from shared.faults import Fault, Permanent, Transient
from shared.vault.keyvault import CONTENT_TYPE, KeyVault

VALUE = SecretStr("canary-Pa55word-of-a-rotation")
TAGS = {"operation": "6a59ea83-02bd-468f-a40b-f2c3d1821983", "state": "pending"}


@pytest.fixture
async def vault(ready: Ready) -> AsyncIterator[KeyVault]:
    trusted = aiohttp.connector._SSL_CONTEXT_VERIFIED
    assert isinstance(trusted, ssl.SSLContext)
    trusted.load_verify_locations(ready["vaultCa"])
    async with ManagedIdentityCredential() as credential:
        vault = KeyVault(ready["vault"], credential, utc_now)
        yield vault
        await vault.close()


async def plan(ready: Ready, **fault: Any) -> None:
    trust = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ready["vaultCa"]))
    async with aiohttp.ClientSession(connector=trust) as http:
        path = f"{ready['vault']}/_control/faults"
        async with http.post(path, json={"match": {"path": "/secrets/hub"}, **fault}) as answer:
            assert answer.status == 204, await answer.text()


async def refused(vault: KeyVault) -> Fault:
    with pytest.raises(Fault) as caught:
        await vault.write("hub", VALUE, TAGS, None)
    return caught.value


async def test_a_secret_that_is_not_there_is_none(vault: KeyVault) -> None:
    assert await vault.find("hub") is None
    with pytest.raises(Permanent) as missing:
        await vault.read("hub", None)
    assert missing.value.code == "secret-not-found"


async def test_what_is_written_is_found_with_its_tags_and_version(
    vault: KeyVault, client: SecretClient
) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    written = await vault.write("hub", VALUE, TAGS, ends)
    assert written == await vault.find("hub") == await vault.read("hub", written.version)
    assert written.value == VALUE
    assert written.tags == TAGS
    properties = (await client.get_secret("hub")).properties
    assert (properties.expires_on, properties.content_type) == (ends, CONTENT_TYPE)


async def test_an_older_version_stays_readable(vault: KeyVault) -> None:
    first = await vault.write("hub", VALUE, TAGS, None)
    second = await vault.write("hub", SecretStr("n3xt"), {}, None)
    assert await vault.find("hub") == second
    assert await vault.read("hub", first.version) == first


async def test_a_secret_that_has_expired_is_still_found(vault: KeyVault) -> None:
    await vault.write("hub", VALUE, TAGS, datetime(2020, 1, 1, tzinfo=UTC))
    found = await vault.find("hub")
    assert found
    assert found.value == VALUE


async def test_a_deleted_secret_that_keeps_the_name_is_said_to_be_one(
    vault: KeyVault, client: SecretClient
) -> None:
    await vault.write("hub", VALUE, TAGS, None)
    await client.delete_secret("hub")
    assert await vault.find("hub") is None
    refusal = await refused(vault)
    assert type(refusal) is Permanent
    assert refusal.code == "secret-deleted"
    assert "recover" in refusal.detail


async def test_a_disabled_secret_is_refused_and_not_taken_for_missing(
    vault: KeyVault, client: SecretClient
) -> None:
    await vault.write("hub", VALUE, TAGS, None)
    await client.update_secret_properties("hub", enabled=False)
    with pytest.raises(Permanent) as disabled:
        await vault.find("hub")
    assert disabled.value.code == "secret-refused"


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_permanent_and_repeats_nothing(
    vault: KeyVault, ready: Ready, status: int
) -> None:
    words = {"error": {"code": "Nope", "message": VALUE.get_secret_value()}}
    await plan(ready, status=status, body=words, times=None)
    refusal = await refused(vault)
    assert type(refusal) is Permanent
    assert (refusal.code, str(status) in refusal.detail) == ("secret-refused", True)
    assert VALUE.get_secret_value() not in str(refusal)


async def test_throttling_says_how_long_to_wait_and_leaves_no_doubt(
    vault: KeyVault, ready: Ready
) -> None:
    await vault.write("hub", VALUE, TAGS, None)
    await plan(ready, status=429, headers={"Retry-After": "7"})
    fault = await refused(vault)
    assert isinstance(fault, Transient)
    assert (fault.retry_after, fault.in_doubt) == (7, False)


async def test_a_name_whose_secret_is_being_deleted_is_tried_again(
    vault: KeyVault, ready: Ready
) -> None:
    words = {"code": "Conflict", "message": "x", "innererror": {"code": "ObjectIsBeingDeleted"}}
    await plan(ready, status=409, body={"error": words}, times=None)
    fault = await refused(vault)
    assert isinstance(fault, Transient)
    assert not fault.in_doubt


@pytest.mark.parametrize(
    "mishap",
    [{"status": 500}, {"status": 503, "afterEffect": True}, {"drop": "after"}, {"drop": "before"}],
    ids=str,
)
async def test_a_write_without_a_good_reply_is_in_doubt_and_a_read_is_not(
    vault: KeyVault, ready: Ready, mishap: dict[str, Any]
) -> None:
    first = await vault.write("hub", VALUE, TAGS, None)
    await plan(ready, **mishap, times=2)  # aiohttp repeats once what breaks off
    fault = await refused(vault)
    assert isinstance(fault, Transient)
    assert fault.in_doubt
    await plan(ready, **{**mishap, "afterEffect": False} if "status" in mishap else mishap, times=2)
    with pytest.raises(Transient) as unread:
        await vault.read("hub", first.version)
    assert not unread.value.in_doubt


async def test_a_vault_that_nobody_reaches_is_unavailable(vault: KeyVault) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        unused = taken.getsockname()[1]
    async with ManagedIdentityCredential() as credential:
        nowhere = KeyVault(f"https://127.0.0.1:{unused}", credential, utc_now)
        fault = await refused(nowhere)
        await nowhere.close()
    assert isinstance(fault, Transient)
    assert fault.code == "vault-unavailable"


async def test_a_lost_reply_leaves_versions_that_are_alike(
    vault: KeyVault, ready: Ready, client: SecretClient
) -> None:
    await vault.write("hub", SecretStr("0ld"), {}, None)
    await plan(ready, drop="after", times=2)
    assert (await refused(vault)).code == "vault-unavailable"
    found = await vault.find("hub")
    assert found
    assert (found.value, found.tags) == (VALUE, TAGS)
    assert len([one async for one in client.list_properties_of_secret_versions("hub")]) == 3
