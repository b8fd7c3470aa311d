"""Keeps the lock of a message or a session while it is in use."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from azure.servicebus.exceptions import ServiceBusError

_log = logging.getLogger(__name__)
_BUFFER = 10.0
"""Seconds before the end of a lock at which .NET's processor renews it (half, for short locks)."""


@contextlib.asynccontextmanager
async def renewed(
    locked_until: datetime,
    renew: Callable[[], Awaitable[datetime]],
    gate: asyncio.Lock,
    limit: timedelta | None,
) -> AsyncIterator[None]:
    """Renew inside this context for up to `limit` (None: for ever; zero: never).

    `gate` is the receiver's lock: the SDK's receivers do not bear two operations at a time. A
    renewal under way is awaited at the end, because cutting it off would break the connection.
    """
    done = asyncio.Event()
    task = asyncio.create_task(_renew_until(done, locked_until, renew, gate, limit))
    try:
        yield
    finally:
        done.set()
        await task


async def _renew_until(
    done: asyncio.Event,
    locked_until: datetime,
    renew: Callable[[], Awaitable[datetime]],
    gate: asyncio.Lock,
    limit: timedelta | None,
) -> None:
    started = datetime.now(UTC)
    while True:
        remaining = (locked_until - datetime.now(UTC)).total_seconds()
        delay = max(0.0, remaining - min(remaining / 2, _BUFFER))
        ends = limit is not None and datetime.now(UTC) + timedelta(seconds=delay) > started + limit
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if ends else delay):
                await done.wait()
        if done.is_set():
            return
        async with gate:
            if done.is_set():
                return
            try:
                locked_until = await renew()
            except ServiceBusError as error:
                _log.warning("lock not renewed: %s", error)
                return
