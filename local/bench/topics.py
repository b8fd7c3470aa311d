"""All that can be measured."""

import asyncio
from collections.abc import AsyncIterator, Callable

from local.bench import beside_bulk, cost, drain, imports, latency, memory, scale, startup, webhooks
from local.bench.table import Part

TOPICS: dict[str, Callable[[], AsyncIterator[Part]]] = {
    "accounts": scale.accounts,
    "beside-bulk": beside_bulk.report,
    "cost": cost.report,
    "drain": drain.report,
    "imports": imports.report,
    "latency": latency.report,
    "memory": memory.report,
    "queue": scale.queue,
    "startup": startup.report,
    "webhooks": webhooks.report,
}
"""What is measured, in this order."""


def measure(topic: str) -> None:
    """Print each part of the table as soon as it is measured."""
    asyncio.run(_print(TOPICS[topic]()))


async def _print(parts: AsyncIterator[Part]) -> None:
    async for part in parts:
        print(f"\n{part}", flush=True)
