"""Whether work stays linear: a deep queue, and a register full of accounts that are due.

A change, or an account, has to cost the same however many there are: the first row of each part
is the baseline, and the ratio is to it. `SCALE=full` measures a queue of 100,000 and 100,000
accounts, which takes more than half an hour; else both are 2,000.

To make the queue deep, the real Intake accepts in this process while the host is stopped; the
timer ticks in a process of its own. Both use the real broker and Azurite.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from local.bench import due_accounts
from local.bench.backlog import Backlog, Drained
from local.bench.due_accounts import Ticked
from local.bench.growth import SETTINGS, chosen
from local.bench.latency import add_devices
from local.bench.table import Part, Row
from local.up.stack import Stack, running_stack


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    depths: tuple[int, ...]
    drained: int
    """Changes that are timed at each depth."""
    accounts: tuple[int, ...]
    asked: int
    """Accounts whose rotation is asked for and timed, at least, or all that are due. Of all but the
    last count that is all: nobody is left over for the next."""


_SIZES = chosen(
    quick=Sizes((200, 2_000), 100, (200, 2_000), 2_000),
    full=Sizes((1_000, 100_000), 500, (1_000, 5_000, 100_000), 5_000),
)
_AT_ONCE = 1_000
"""Devices that are put into the tenant by one request."""


async def queue() -> AsyncIterator[Part]:
    """One change of a short and of a deep queue."""
    async with _backlog() as (stack, backlog):
        depths = [await _at_depth(backlog, stack, each) for each in _SIZES.depths]
        yield _drained(depths)


async def accounts() -> AsyncIterator[Part]:
    """One account of few and of many that are due."""
    ticks = list[Ticked]()
    async with _backlog():
        for count in _SIZES.accounts:
            await due_accounts.register(count)
            ticks.append(await due_accounts.ask(min(count, _SIZES.asked)))
    yield _ticked(ticks)


@asynccontextmanager
async def _backlog() -> AsyncIterator[tuple[Stack, Backlog]]:
    with TemporaryDirectory(prefix="sluice-scale-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        async with running_stack(data=data, settings=SETTINGS, tables_in_memory=True) as stack:
            os.environ.update(json.loads(stack.endpoints.settings.read_text())["Values"])
            await stack.stop("host")
            backlog = Backlog(stack, data / "logs" / "host.log")
            try:
                yield stack, backlog
            finally:
                await backlog.close()


async def _at_depth(backlog: Backlog, stack: Stack, depth: int) -> Drained:
    devices = await backlog.fill(depth)
    for start in range(0, len(devices), _AT_ONCE):
        await add_devices(stack.endpoints.graph, devices[start : start + _AT_ONCE])
    return await backlog.drain(_SIZES.drained)


def _drained(depths: list[Drained]) -> Part:
    rows = [
        Row(
            one.cpu / depths[0].cpu,
            f"{depth:,}",
            (f"{one.host:.1f}", f"{one.broker:.1f}", f"{one.tables:.1f}", f"{one.wall:.0f}"),
        )
        for depth, one in zip(_SIZES.depths, depths, strict=True)
    ]
    columns = ("CPU ms of the host", "of the broker", "of the tables", "ms")
    return Part("one change, the queue so deep", columns, rows)


def _ticked(ticks: list[Ticked]) -> Part:
    rows = [
        Row(
            each.cpu / ticks[0].cpu,
            f"{accounts:,}",
            (f"{each.cpu:.1f}", f"{each.wall:.1f}", f"{each.memory:.0f}", str(each.ticks)),
        )
        for accounts, each in zip(_SIZES.accounts, ticks, strict=True)
    ]
    columns = ("CPU ms", "ms", "MiB at most", "ticks")
    return Part("one account, so many due", columns, rows)
