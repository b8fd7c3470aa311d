"""Sluice from the outside, as a client of its HTTP API and its queue sees it."""

import asyncio
from typing import Any

import httpx
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

from local.up.endpoints import Endpoints

type Json = dict[str, Any]

ENDED = {"verified", "unchanged", "failed", "expired", "cancelled", "reversed"}


class Sluice:
    """Sends changes both ways and looks at what becomes of them."""

    def __init__(self, endpoints: Endpoints, http: httpx.AsyncClient) -> None:
        self._endpoints = endpoints
        self._http = http
        self._headers = {"x-functions-key": endpoints.function_key}

    async def post(self, request: Json, key: str) -> httpx.Response:
        """Ask for a change over HTTP."""
        return await self._http.post(
            f"{self._endpoints.http}/api/changes",
            json=request,
            headers={**self._headers, "Idempotency-Key": key},
        )

    async def register(self, account: Json) -> None:
        """Put a device account into the register."""
        url = f"{self._endpoints.http}/api/device-accounts/{account['account']}"
        answer = await self._http.put(url, json=account, headers=self._headers)
        answer.raise_for_status()

    async def rotate(self, account: str) -> str:
        """Ask for a new password of a device account; the id of the change."""
        url = f"{self._endpoints.http}/api/device-accounts/{account}/rotate"
        answer = await self._http.post(url, headers=self._headers)
        return str(answer.raise_for_status().json()["id"])

    async def send(self, body: bytes, message_id: str) -> None:
        """Ask for a change as a message on `intake`."""
        connection = self._endpoints.service_bus_connection
        async with (
            ServiceBusClient.from_connection_string(connection) as client,
            client.get_queue_sender("intake") as sender,
        ):
            message = ServiceBusMessage(
                body, message_id=message_id, content_type="application/json"
            )
            await sender.send_messages(message)

    async def change(self, change_id: str) -> Json:
        """What is on record of a change; empty while nothing is."""
        url = f"{self._endpoints.http}/api/changes/{change_id}"
        answer = await self._http.get(url, headers=self._headers)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        return dict(answer.raise_for_status().json())

    async def ended(self, change_id: str, seconds: float = 30.0) -> Json:
        """The change, once it has ended; raises TimeoutError when it does not."""
        async with asyncio.timeout(seconds):
            while (change := await self.change(change_id)).get("state") not in ENDED:  # noqa: ASYNC110  it is another process that ends it
                await asyncio.sleep(0.1)
        return change
