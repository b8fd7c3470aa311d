"""When a lock is renewed; that the broker honours it is shown by the slow tests."""

import asyncio
from datetime import UTC, datetime, timedelta

from local.host.servicebus.renewal import renewed


async def test_a_lock_is_renewed_again_and_again_while_it_is_in_use():
    gate = asyncio.Lock()
    often = asyncio.Event()
    renewals = 0

    async def renew():
        nonlocal renewals
        assert gate.locked(), "a receiver does not bear two operations at a time"
        renewals += 1
        if renewals == 3:
            often.set()
        return datetime.now(UTC) + timedelta(milliseconds=100)

    async with renewed(datetime.now(UTC), renew, gate, limit=None), asyncio.timeout(30):
        await often.wait()
