"""Whether work stays linear and memory flat: many changes, a deep queue, a register full of due.

A change, or an account, has to cost the same however many there are: the first row of each table
is the baseline, and the ratio is to it. `SCALE=full` measures 50,000 changes, a queue of 100,000
and 100,000 accounts, which takes hours; without it a hundredth of that.

The changes of the first table come in by HTTP, as bulk changes. To make the queue deep, the real
Intake accepts in this process while the host is stopped, and so does the timer's tick: both on the
real broker and Azurite.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from local.bench.backlog import Backlog, Drained, Ticked
from local.bench.bulk_load import carry_out
from local.bench.latency import add_devices
from local.memory import Held, held_by
from local.up.stack import Stack, running_stack


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    changes: tuple[int, ...]
    depths: tuple[int, ...]
    drained: int
    """Changes that are timed at each depth."""
    accounts: tuple[int, ...]


_AT_ONCE = 1_000
"""Devices that are put into the tenant by one request."""
QUICK = Sizes((1, 100, 500), (200, 2_000), 100, (200, 2_000))
FULL = Sizes((1, 1_000, 50_000), (1_000, 100_000), 500, (1_000, 10_000, 100_000))
_SETTINGS = {
    # So that the machine is the limit.
    "GRAPH_QUOTAS": "intune-writes=900000/20,intune=900000/20,"
    "directory-writes=900000/150,directory-units=900000/10",
    "BULK_OPEN": "200",
    # Nobody but the tick that is measured asks for rotations.
    "ROTATION_SCHEDULE": "0 0 0 1 1 *",
    "RECONCILE_SCHEDULE": "0 0 0 1 1 *",
}


def report() -> None:
    """Print the three tables, each as soon as it is measured."""
    asyncio.run(_measure(FULL if os.environ.get("SCALE") == "full" else QUICK))


async def _measure(sizes: Sizes) -> None:
    """All on one stack, one after the other."""
    with TemporaryDirectory(prefix="sluice-scale-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        async with running_stack(data=data, settings=_SETTINGS) as stack:
            _print_memory(await _memory(stack, sizes.changes))
            os.environ.update(json.loads(stack.endpoints.settings.read_text())["Values"])
            await stack.stop("host")
            backlog = Backlog(stack, data / "logs" / "host.log")
            try:
                depths = sizes.depths
                _print_drained({n: await _at_depth(backlog, stack, n, sizes) for n in depths})
                _print_ticks({n: await backlog.tick(n) for n in sizes.accounts})
            finally:
                await backlog.close()


async def _memory(stack: Stack, counts: tuple[int, ...]) -> dict[int, Held]:
    """What the host holds after so many changes, all told."""
    done, found = 0, dict[int, Held]()
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        for count in counts:
            await carry_out(stack.endpoints, http, count - done)
            done = count
            found[count] = held_by(stack.pids["host"])
    return found


async def _at_depth(backlog: Backlog, stack: Stack, depth: int, sizes: Sizes) -> Drained:
    devices = await backlog.fill(depth)
    for start in range(0, len(devices), _AT_ONCE):
        await add_devices(stack.endpoints.graph, devices[start : start + _AT_ONCE])
    return await backlog.drain(sizes.drained)


def _print_memory(memory: dict[int, Held]) -> None:
    head = "host after so many changes     ratio   MiB   open files   sockets"
    rows = {
        changes: (held.rss, f"{held.rss:5.0f}   {held.files:10}   {held.sockets:7}")
        for changes, held in memory.items()
    }
    _print(head, rows)


def _print_drained(drained: dict[int, Drained]) -> None:
    head = "one change, queue so deep      ratio   ms of CPU (host)   (broker)   (tables)   ms"
    rows = {
        depth: (
            one.cpu,
            f"{one.host:18.1f}   {one.broker:8.1f}   {one.tables:8.1f}   {one.wall:.0f}",
        )
        for depth, one in drained.items()
    }
    _print(head, rows)


def _print_ticks(ticks: dict[int, Ticked]) -> None:
    head = "one account, so many due       ratio   ms of CPU   ms   MiB more at most   ticks"
    rows = {
        accounts: (
            each.cpu,
            f"{each.cpu:11.1f}   {each.wall:.1f}   {each.memory:16.0f}   {each.ticks:5}",
        )
        for accounts, each in ticks.items()
    }
    _print(head, rows)


def _print(head: str, rows: dict[int, tuple[float, str]]) -> None:
    """Print a row for each count: the number that must not grow, as its ratio, and the others."""
    print(head)
    few, _ = next(iter(rows.values()))
    for count, (compared, others) in rows.items():
        print(f"  {count:9,} {compared / few:24.2f} {others}", flush=True)
