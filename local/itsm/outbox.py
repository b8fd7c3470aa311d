"""The events that the tools send, each as its tool sends it, to whoever has been named."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
from pydantic import BaseModel

from local.standins.faults import STRICT

type Sign = Callable[[bytes, str], dict[str, str]]


class Receiver(BaseModel):
    """Where a tool sends its events, and the secret it proves itself with."""

    model_config = STRICT
    url: str
    secret: str


class Outbox:
    """Keeps every event, with the answer that it got; without a receiver, unsent."""

    def __init__(self) -> None:
        self.receivers: dict[str, Receiver] = {}
        self.signs: dict[str, Sign] = {}
        self.events: list[dict[str, Any]] = []
        self._sending: set[asyncio.Task[None]] = set()

    def tell(self, tool: str, payload: dict[str, Any]) -> None:
        """Send an event, in the background as the tools do."""
        event: dict[str, Any] = {"tool": tool, "payload": json.loads(json.dumps(payload))}
        self.events.append(event)
        if receiver := self.receivers.get(tool):
            task = asyncio.create_task(self._send(event, receiver))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, event: dict[str, Any], receiver: Receiver) -> None:
        body = json.dumps(event["payload"]).encode()
        headers = self.signs[event["tool"]](body, receiver.secret)
        headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
            session.post(receiver.url, data=body, headers=headers) as answer,
        ):
            event |= {"status": answer.status, "answer": await answer.text()}
