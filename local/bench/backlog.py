"""A backlog on the real broker and tables, made and measured while the host is stopped."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from local.bench.latency import new_device
from local.memory import cpu_of
from local.up.stack import Stack
from shared import composition
from shared.changes.operation import BULK

_SENDERS = 16
_WARM_UP = 50
"""Changes at the start of a host that are not timed."""


@dataclass(frozen=True)
class Drained:
    """Milliseconds for one change; `wall` is the time between two."""

    host: float
    broker: float
    tables: float
    wall: float

    @property
    def cpu(self) -> float:
        """Of host and broker: Azurite looks through its rows, which the service does not."""
        return self.host + self.broker


class Backlog:
    """The use cases of the app in this process. The environment has the app's settings."""

    def __init__(self, stack: Stack, log: Path) -> None:
        self._stack, self._log = stack, log
        self._depth = 0

    async def fill(self, depth: int) -> list[dict[str, object]]:
        """Accept until so many changes wait; the devices that they are for.

        As targets of a bulk change, for whom the shipped policy has no brake.
        """
        intake = composition.intake()
        devices = [new_device() for _ in range(depth - self._depth)]
        waiting = iter(devices)

        async def accept() -> None:
            for device in waiting:
                request = {
                    "operation": "patchDevice",
                    "target": {"deviceId": device["deviceId"]},
                    "set": {"extensionAttributes": {"extensionAttribute1": "bench"}},
                }
                body = json.dumps(request).encode()
                await intake.accept(body, source=BULK, key=uuid.uuid4().hex)

        await asyncio.gather(*(accept() for _ in range(_SENDERS)))
        self._depth = depth
        return devices

    async def drain(self, count: int) -> Drained:
        """Let the host carry out so many of them, and stop it."""
        begun = self._log.stat().st_size
        await self._stack.start("host")
        await self._verified(begun, _WARM_UP)
        before, began = self._cpu(), time.perf_counter()
        first = await self._verified(begun, _WARM_UP)
        done = await self._verified(begun, _WARM_UP + count) - first
        took, after = time.perf_counter() - began, self._cpu()
        await self._stack.stop("host")
        self._depth -= await self._verified(begun, 0)
        host, broker, tables = (
            1_000 * (now - then) / done for now, then in zip(after, before, strict=True)
        )
        return Drained(host, broker, tables, 1_000 * took / done)

    async def close(self) -> None:
        """Close the connections of this process."""
        await composition.close()

    def _cpu(self) -> tuple[float, ...]:
        pids = self._stack.pids
        return tuple(cpu_of(pids[name]) for name in ("host", "broker", "tables"))

    async def _verified(self, begun: int, least: int) -> int:
        """How many changes the host has said to be verified, once they are `least`."""
        while True:
            with self._log.open("rb") as log:
                log.seek(begun)
                count = log.read().count(b"state=verified outcome=done")
            if count >= least:
                return count
            await asyncio.sleep(0.1)
