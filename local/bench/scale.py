"""Whether work stays linear: a deep queue, and a register full of accounts that are due.

A change, or an account, has to cost the same however many there are: the first row of each table
is the baseline, and the ratio is to it. `SCALE=full` measures a queue of 100,000 and 100,000
accounts, which takes hours; without it a fiftieth of that.

To make the queue deep, the real Intake accepts in this process while the host is stopped, and so
does the timer's tick: both on the real broker and Azurite.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from local.bench.backlog import Backlog, Drained, Ticked
from local.bench.growth import SETTINGS, chosen, print_table
from local.bench.latency import add_devices
from local.up.stack import Stack, running_stack


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    depths: tuple[int, ...]
    drained: int
    """Changes that are timed at each depth."""
    accounts: tuple[int, ...]


_SIZES = chosen(
    quick=Sizes((200, 2_000), 100, (200, 2_000)),
    full=Sizes((1_000, 100_000), 500, (1_000, 10_000, 100_000)),
)
_AT_ONCE = 1_000
"""Devices that are put into the tenant by one request."""


def report() -> None:
    """Print both tables, each as soon as it is measured."""
    asyncio.run(_measure(_SIZES))


async def _measure(sizes: Sizes) -> None:
    """On one stack, one after the other."""
    with TemporaryDirectory(prefix="sluice-scale-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        async with running_stack(data=data, settings=SETTINGS, tables_in_memory=True) as stack:
            os.environ.update(json.loads(stack.endpoints.settings.read_text())["Values"])
            await stack.stop("host")
            backlog = Backlog(stack, data / "logs" / "host.log")
            try:
                depths = sizes.depths
                _print_drained({n: await _at_depth(backlog, stack, n, sizes) for n in depths})
                _print_ticks({n: await backlog.tick(n) for n in sizes.accounts})
            finally:
                await backlog.close()


async def _at_depth(backlog: Backlog, stack: Stack, depth: int, sizes: Sizes) -> Drained:
    devices = await backlog.fill(depth)
    for start in range(0, len(devices), _AT_ONCE):
        await add_devices(stack.endpoints.graph, devices[start : start + _AT_ONCE])
    return await backlog.drain(sizes.drained)


def _print_drained(drained: dict[int, Drained]) -> None:
    head = "one change, queue so deep      ratio   ms of CPU (host)   (broker)   (tables)   ms"
    rows = {
        depth: (
            one.cpu,
            f"{one.host:18.1f}   {one.broker:8.1f}   {one.tables:8.1f}   {one.wall:.0f}",
        )
        for depth, one in drained.items()
    }
    print_table(head, rows)


def _print_ticks(ticks: dict[int, Ticked]) -> None:
    head = "one account, so many due       ratio   ms of CPU   ms   MiB more at most   ticks"
    rows = {
        accounts: (
            each.cpu,
            f"{each.cpu:11.1f}   {each.wall:.1f}   {each.memory:16.0f}   {each.ticks:5}",
        )
        for accounts, each in ticks.items()
    }
    print_table(head, rows)
