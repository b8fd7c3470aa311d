"""Whether the memory of the host stays flat: what it holds after many changes.

They come in by HTTP, as bulk changes. `SCALE=full` makes 50,000, which takes most of an hour.
"""

import asyncio

import httpx

from local.bench.bulk_load import carry_out
from local.bench.growth import SETTINGS, chosen, print_table
from local.memory import Held, held_by
from local.up.stack import running_stack

_COUNTS = chosen(quick=(1, 100, 500), full=(1, 1_000, 50_000))


def report() -> None:
    """Print what the host holds after so many changes, all told."""
    head = "host after so many changes     ratio   MiB   open files   sockets"
    rows = {
        changes: (held.rss, f"{held.rss:5.0f}   {held.files:10}   {held.sockets:7}")
        for changes, held in asyncio.run(_measure()).items()
    }
    print_table(head, rows)


async def _measure() -> dict[int, Held]:
    done, found = 0, dict[int, Held]()
    async with (
        running_stack(settings=SETTINGS, tables_in_memory=True) as stack,
        httpx.AsyncClient(timeout=60, trust_env=False) as http,
    ):
        for count in _COUNTS:
            await carry_out(stack.endpoints, http, count - done)
            done = count
            found[count] = held_by(stack.pids["host"])
    return found
