"""`python -m local.bench [TOPIC …]`: measure all topics, or these, and print one table.

Each part of it is printed as soon as it is measured.
"""

import argparse
import asyncio
import os
import platform
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from local.bench import beside_bulk, cost, drain, imports, latency, memory, scale, startup, webhooks
from local.bench.table import Part

TOPICS: dict[str, Callable[[], AsyncIterator[Part]]] = {
    "beside-bulk": beside_bulk.report,
    "cost": cost.report,
    "drain": drain.report,
    "imports": imports.report,
    "latency": latency.report,
    "memory": memory.report,
    "scale": scale.report,
    "startup": startup.report,
    "webhooks": webhooks.report,
}
"""What is measured, in this order."""


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    chosen = parser.parse_args().topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no such topic: {', '.join(sorted(unknown))}")
    print(_machine())
    for topic in chosen:
        asyncio.run(_print(TOPICS[topic]()))


async def _print(parts: AsyncIterator[Part]) -> None:
    async for part in parts:
        print(f"\n{part}", flush=True)


def _machine() -> str:
    """What it is measured on, when, and how busy that was before."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load, *_ = os.getloadavg()
    return (
        f"{datetime.now().astimezone():%d %B %Y, %H:%M}: {os.cpu_count()} cores, {gib:.0f} GiB, "
        f"Python {platform.python_version()}, load {load:.1f} at the begin"
    )


if __name__ == "__main__":
    main()
