"""A backlog on the real broker and tables, made and measured while the host is stopped."""

import asyncio
import gc
import itertools
import json
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.bench.latency import new_device
from local.memory import cpu_of, held_by, peak_of, reset_peak
from local.up.stack import Stack
from shared import composition
from shared.changes.operation import BULK
from shared.clock import utc_now
from shared.records.register_in_bulk import TableRegisterInBulk
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.ports import Edit

_SENDERS = 16
_FILE = 10_000
"""Accounts that are registered together."""
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


@dataclass(frozen=True)
class Ticked:
    """Milliseconds for one account, the most MiB that came on top, and how many ticks it took."""

    cpu: float
    wall: float
    memory: float
    ticks: int


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

    async def tick(self, accounts: int, least: int) -> Ticked:
        """Register so many accounts that are due, and let the timer ask for some or all of them."""
        register = TableRegisterInBulk(composition.tables())
        for some in itertools.batched(_due(accounts), _FILE, strict=False):
            if await register.save([Edit(each, None) for each in some]):
                raise RuntimeError("an account of the benchmark was not registered")
        gc.collect()
        me, asked, ticks = os.getpid(), 0, 0
        reset_peak(me)
        held = held_by(me)
        cpu, began = time.process_time(), time.perf_counter()
        while asked < min(accounts, least):
            done = await composition.rotation_timer().tick()
            asked, ticks = asked + done.asked, ticks + 1
            if not done.asked:
                raise RuntimeError(f"the rotation timer of the benchmark is stuck: {done}")
        cpu, took = time.process_time() - cpu, time.perf_counter() - began
        each = 1_000 / asked
        return Ticked(cpu * each, took * each, max(0.0, peak_of(me) - held.rss), ticks)

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


def _due(accounts: int) -> Iterator[Entry]:
    now = utc_now().replace(microsecond=0)
    run = uuid.uuid4().hex[:8]
    for number in range(accounts):
        account = f"room-{run}-{number}@contoso.example"
        document = DeviceAccountDocument(account=account, family="directoryOnly")
        due = now - timedelta(seconds=1 + number % 3_600)
        yield Entry(entry_id(account), document, EntryState.NEW, due, scheduled=due)
