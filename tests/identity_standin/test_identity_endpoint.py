import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any

import aiohttp
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential
from azure.identity.aio import ManagedIdentityCredential as AioManagedIdentityCredential

from local.identity.issuer import GRAPH_ROLES, TENANT_ID
from local.standins.tokens import TokenChecker, TokenRefusedError

GRAPH = "https://graph.microsoft.com"


def claims(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


async def graph_claims() -> dict[str, Any]:
    async with AioManagedIdentityCredential() as credential:
        return claims((await credential.get_token(f"{GRAPH}/.default")).token)


async def test_the_async_credential_gets_a_token_for_graph(endpoint: dict[str, Any]) -> None:
    got = await graph_claims()
    assert got["aud"] == GRAPH
    assert got["tid"] == TENANT_ID
    assert got["iss"] == f"https://sts.windows.net/{TENANT_ID}/"
    assert sorted(got["roles"]) == sorted(GRAPH_ROLES)
    assert got["exp"] - got["iat"] == 3600


async def test_the_sync_credential_gets_a_token_for_key_vault(endpoint: dict[str, Any]) -> None:
    with ManagedIdentityCredential() as credential:
        scope = "https://vault.azure.net/.default"
        token = await asyncio.to_thread(credential.get_token, scope)
    got = claims(token.token)
    assert (got["aud"], got["roles"]) == ("https://vault.azure.net", [])
    assert token.expires_on == got["exp"]


async def test_a_user_assigned_identity_is_the_application_of_its_client_id(
    endpoint: dict[str, Any],
) -> None:
    client_id = "11111111-2222-3333-4444-555555555555"
    async with AioManagedIdentityCredential(client_id=client_id) as credential:
        token = await credential.get_token(f"{GRAPH}/.default")
    assert claims(token.token)["appid"] == client_id


async def test_a_wrong_identity_header_gets_no_token(
    endpoint: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "IDENTITY_HEADER", "guessed")
    async with AioManagedIdentityCredential() as credential:
        with pytest.raises(ClientAuthenticationError):
            await credential.get_token(f"{GRAPH}/.default")


async def test_a_changed_grant_shows_in_new_tokens(endpoint: dict[str, Any]) -> None:
    control = endpoint["jwks"].replace("/keys", "/_control/roles")
    async with aiohttp.ClientSession() as http:
        await http.put(control, json={GRAPH: ["Device.ReadWrite.All"]})
        reduced = await graph_claims()
        await http.put(control, json={GRAPH: list(GRAPH_ROLES)})
    assert reduced["roles"] == ["Device.ReadWrite.All"]


async def test_a_token_is_accepted_for_its_audience_and_by_its_published_key_only(
    endpoint: dict[str, Any],
) -> None:
    async with AioManagedIdentityCredential() as credential:
        token = (await credential.get_token(f"{GRAPH}/.default")).token
    caller = await TokenChecker(endpoint["jwks"], GRAPH).check(f"Bearer {token}")
    assert "Device.ReadWrite.All" in caller.roles
    with pytest.raises(TokenRefusedError, match="audience"):
        await TokenChecker(endpoint["jwks"], "https://vault.azure.net").check(f"Bearer {token}")
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    with pytest.raises(TokenRefusedError):
        await TokenChecker(endpoint["jwks"], GRAPH).check(f"Bearer {forged}")


def test_the_process_says_where_it_is_and_stops_when_told() -> None:
    command = [sys.executable, "-m", "local.identity", "--port", "0", "--lifetime", "7200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert ready["ready"] is True
    assert ready["identity"].startswith("http://127.0.0.1:")
    assert {"identityHeader", "jwks"} <= set(ready)
