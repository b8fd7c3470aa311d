"""The system from the outside, for users who ask again when nobody answers."""

import asyncio
import json
import time
import uuid
from typing import Any

import httpx
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

from local.up.endpoints import Endpoints

type Json = dict[str, Any]

ENDED = frozenset({"verified", "unchanged", "failed", "expired", "cancelled", "reversed"})
PATIENCE = 900.0
"""Seconds that a change may take: the claim of a killed host takes 120, a slow machine the rest."""
_AGAIN = 0.5


class Wrong(Exception):
    """Something that must never happen."""


class System:
    """Sluice, its Graph and its tools."""

    def __init__(self, endpoints: Endpoints, http: httpx.AsyncClient) -> None:
        self.endpoints, self._http = endpoints, http
        self._headers = {"x-functions-key": endpoints.function_key}
        self._bus = ServiceBusClient.from_connection_string(endpoints.service_bus_connection)

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Call Sluice, again and again while it is not there or says 503; 5xx else is Wrong."""
        headers = (
            self._headers | ({"Idempotency-Key": key} if key else {}) | more.pop("headers", {})
        )
        url = f"{self.endpoints.http}/api/{path}"
        if body is not None:
            more["json"] = body
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                answer = await self._http.request(method, url, headers=headers, **more)
            except httpx.TransportError:
                await asyncio.sleep(_AGAIN)
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                if answer.is_server_error:
                    raise Wrong(f"{method} {path} was answered {answer.status_code}")
                return answer
            await asyncio.sleep(_AGAIN)
        raise Wrong(f"{method} {path} found nobody for {PATIENCE:.0f} s")

    async def accepted(self, path: str, body: Any = None, **more: Any) -> str:
        """The id of what was asked for, under a key of its own."""
        answer = await self.ask("POST", path, body, key=uuid.uuid4().hex, **more)
        if answer.status_code != httpx.codes.ACCEPTED:
            raise Wrong(f"POST {path} was answered {answer.status_code}: {answer.text[:300]}")
        return str(answer.json()["id"])

    async def ended(self, path: str, *allowed: str) -> Json:
        """What is on record once it has ended, in one of the states that it may end in."""
        until = time.monotonic() + PATIENCE
        found: Json = {}
        while time.monotonic() < until:
            answer = await self.ask("GET", path)
            found = answer.json() if answer.status_code == httpx.codes.OK else {}
            if found.get("state") in ENDED:
                if found["state"] not in allowed:
                    raise Wrong(f"{path} ended {found['state']}: {found.get('failure')}")
                return found
            await asyncio.sleep(_AGAIN)
        last = [found.get(name) for name in ("state", "turn", "timeline")]
        raise Wrong(f"{path} did not end within {PATIENCE:.0f} s: {last}")

    async def send(self, body: bytes, message_id: str) -> None:
        """Put a message on `intake`, again and again while the broker is not there."""
        for _ in range(60):
            try:
                async with self._bus.get_queue_sender("intake") as sender:
                    return await sender.send_messages(
                        ServiceBusMessage(
                            body, message_id=message_id, content_type="application/json"
                        )
                    )
            except (ServiceBusError, OSError):
                await asyncio.sleep(_AGAIN)
        raise Wrong("the broker is not there")

    async def dead(self, queue: str) -> list[str]:
        """The ids of the dead messages of a queue."""
        ids: list[str] = []
        async with self._bus.get_queue_receiver(queue, sub_queue="deadletter") as receiver:
            position = 0
            while page := await receiver.peek_messages(250, sequence_number=position):
                ids += [str(message.message_id) for message in page]
                position = (page[-1].sequence_number or position) + 1
        return ids

    async def graph(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control of the Graph stand-in."""
        return await self._control(self.endpoints.graph, method, path, body)

    async def tools(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control of the ticketing tools."""
        return await self._control(str(self.endpoints.itsm), method, path, body)

    async def _control(self, where: str, method: str, path: str, body: Any) -> Any:
        for _ in range(60):
            try:
                answer = await self._http.request(method, f"{where}/_control/{path}", json=body)
            except httpx.TransportError:  # what may be done twice without harm
                await asyncio.sleep(_AGAIN)
                continue
            text = answer.raise_for_status().text
            return json.loads(text) if text else None
        raise Wrong(f"{where} is not there")

    async def close(self) -> None:
        """Close the connection to the broker."""
        await self._bus.close()
