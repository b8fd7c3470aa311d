"""Whether the memory of the host stays flat: what it holds after many changes.

They come in by HTTP, as bulk changes. `SCALE=full` makes 50,000, which takes most of an hour.
"""

from collections.abc import AsyncIterator

import httpx

from local.bench.bulk_load import carry_out
from local.bench.growth import SETTINGS, chosen
from local.bench.table import Part, Row
from local.memory import Held, held_by
from local.up.stack import running_stack

_COUNTS = chosen(quick=(1, 100, 500), full=(1, 1_000, 50_000))


async def report() -> AsyncIterator[Part]:
    """What the host holds after so many changes, all told."""
    found = await _measure()
    few, *_ = found.values()
    rows = [
        Row(
            held.rss / few.rss,
            f"{changes:,}",
            (f"{held.rss:.0f}", str(held.files), str(held.sockets)),
        )
        for changes, held in found.items()
    ]
    yield Part("the host after so many changes", ("MiB", "open files", "sockets"), rows)


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
