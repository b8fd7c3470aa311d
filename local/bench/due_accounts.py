"""Device accounts that are due, and the rotation timer that asks for them, on the real tables."""

import asyncio
import itertools
import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context

from local.memory import peak_of
from shared import composition
from shared.clock import utc_now
from shared.records.register_in_bulk import TableRegisterInBulk
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.ports import Edit

_FILE = 10_000
"""Accounts that are registered together."""


@dataclass(frozen=True)
class Ticked:
    """Milliseconds for one account that was asked for, the most MiB of the process, its ticks."""

    cpu: float
    wall: float
    memory: float
    ticks: int


async def register(accounts: int) -> None:
    """Register so many that are due."""
    in_bulk = TableRegisterInBulk(composition.tables())
    for some in itertools.batched(_due(accounts), _FILE, strict=False):
        if await in_bulk.save([Edit(each, None) for each in some]):
            raise RuntimeError("an account of the benchmark was not registered")


async def ask(least: int) -> Ticked:
    """Let a timer ask for so many at least, in a process that has done nothing before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return await asyncio.get_running_loop().run_in_executor(process, _ask, least)


def _ask(least: int) -> Ticked:
    return asyncio.run(_ticks(least))


async def _ticks(least: int) -> Ticked:
    timer, asked, ticks = composition.rotation_timer(), 0, 0
    await timer.register.get(entry_id("nobody"))  # which loads the client, and connects
    cpu, began = time.process_time(), time.perf_counter()
    while asked < least:
        done = await timer.tick()
        asked, ticks = asked + done.asked, ticks + 1
        if not done.asked:
            raise RuntimeError(f"the rotation timer of the benchmark is stuck: {done}")
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    await composition.close()
    each = 1_000 / asked
    return Ticked(cpu * each, took * each, peak_of(os.getpid()), ticks)


def _due(accounts: int) -> Iterator[Entry]:
    now = utc_now().replace(microsecond=0)
    run = uuid.uuid4().hex[:8]
    for number in range(accounts):
        account = f"room-{run}-{number}@contoso.example"
        document = DeviceAccountDocument(account=account, family="directoryOnly")
        due = now - timedelta(seconds=1 + number % 3_600)
        yield Entry(entry_id(account), document, EntryState.NEW, due, scheduled=due)
