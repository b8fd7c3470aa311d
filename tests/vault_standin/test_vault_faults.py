import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.keyvault.secrets.aio import SecretClient

CANARY = "canary-Pa55word-in-the-vault"


class Control:
    def __init__(self, ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
        self._base = f"{ready['vault']}/_control"
        self._http = http

    async def plan(self, **fault: Any) -> None:
        async with self._http.post(f"{self._base}/faults", json=fault) as answer:
            assert answer.status == 204, await answer.text()

    async def journal(self, method: str) -> list[dict[str, Any]]:
        async with self._http.get(f"{self._base}/journal?method={method}") as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found

    async def journal_text(self) -> str:
        async with self._http.get(f"{self._base}/journal") as answer:
            return await answer.text()


@pytest.fixture
async def control(ready: dict[str, Any]) -> AsyncIterator[Control]:
    trust = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ready["vaultCa"]))
    async with aiohttp.ClientSession(connector=trust) as http:
        yield Control(ready, http)


async def test_a_status_fault_answers_without_an_effect(
    client: SecretClient, control: Control
) -> None:
    await client.set_secret("hub-1", "first")
    await control.plan(match={"method": "PUT"}, status=429, headers={"Retry-After": "3"})
    with pytest.raises(HttpResponseError) as refused:
        await client.set_secret("hub-1", "second")
    assert refused.value.status_code == 429
    assert (await client.get_secret("hub-1")).value == "first"
    await client.set_secret("hub-1", "third")


async def test_a_reply_dropped_after_the_effect_leaves_versions(
    client: SecretClient, control: Control
) -> None:
    # aiohttp itself repeats a PUT once when a kept connection breaks, so one lost reply makes two
    # versions and the caller does not notice; only the second loss reaches the caller.
    await client.set_secret("hub-1", "first")
    await control.plan(match={"method": "PUT"}, drop="after")
    await client.set_secret("hub-1", "second")
    versions = [one async for one in client.list_properties_of_secret_versions("hub-1")]
    assert len(versions) == 3
    await control.plan(match={"method": "PUT"}, drop="after", times=2)
    with pytest.raises((ServiceResponseError, ServiceRequestError)):
        await client.set_secret("hub-1", "third")
    assert (await client.get_secret("hub-1")).value == "third"
    assert (await control.journal("PUT"))[-1]["effect"] is True


async def test_a_request_dropped_before_the_effect_leaves_nothing(
    client: SecretClient, control: Control
) -> None:
    await client.set_secret("hub-1", "first")
    await control.plan(match={"method": "PUT"}, drop="before", times=2)
    with pytest.raises((ServiceResponseError, ServiceRequestError)):
        await client.set_secret("hub-1", "second")
    assert (await client.get_secret("hub-1")).value == "first"
    last = (await control.journal("PUT"))[-1]
    assert (last["effect"], last["status"]) == (False, None)


async def test_the_journal_shows_no_value(client: SecretClient, control: Control) -> None:
    await client.set_secret("hub-1", CANARY)
    await client.get_secret("hub-1")
    text = await control.journal_text()
    assert CANARY not in text
    assert "sha256:" in text


async def test_refusals_show_no_value(client: SecretClient) -> None:
    await client.set_secret("hub-1", "x")
    with pytest.raises(HttpResponseError) as refused:
        await client.set_secret("hub-1", CANARY * 1000)
    assert refused.value.status_code == 400
    assert CANARY not in str(refused.value)
