"""The governor: takes from the quotas for all instances, and makes callers wait.

The windows are small entities that every instance changes by compare and swap, so the sum of what
all of them take never exceeds a quota, however many there are, and none of it is lost to one that
has nothing to do. A read costs little of its quota, so reads are taken by the block.

A wait that the lock of a message allows is waited for: its lane has nothing else to do. A longer
one is told as Transient, and the message comes again then.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared.clock import Clock
from shared.faults import Transient
from shared.graph.route import Route
from shared.quota.ports import Stored, WindowChanged, Windows
from shared.quota.priority import is_background
from shared.quota.quotas import DIRECTORY_UNITS, INTUNE, Quota, spent_by
from shared.quota.telling import told
from shared.quota.window import SLOTS, Window

BLOCKS = {INTUNE: 20, DIRECTORY_UNITS: 20}
"""How many are taken at once of the quotas that have plenty."""
LONGEST_WAIT = 30.0
"""Seconds that a call waits for its place at most: a lock lasts longer."""


@dataclass(slots=True)
class _Purse:
    """What this process holds of one quota, and the window as it last saw it."""

    lock: asyncio.Lock
    stored: Stored | None = None
    left: int = 0
    slot: int = -1
    """What is left is good for this slot only: later it would count twice."""


class Governor:
    """Implements Gate.

    `share` is the part of each quota that is used, `reserve` what background work leaves of that.
    `longest_wait`, in seconds, has to end well before the deadline of whoever calls: a call that is
    cut short may have been sent.
    """

    def __init__(
        self,
        windows: Windows,
        quotas: Mapping[str, Quota],
        clock: Clock,
        *,
        share: float,
        reserve: float,
        longest_wait: float = LONGEST_WAIT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._windows, self._quotas, self._clock = windows, quotas, clock
        self._share, self._reserve, self._sleep = share, reserve, sleep
        self._longest_wait = min(longest_wait, LONGEST_WAIT)
        self._purses: defaultdict[str, _Purse] = defaultdict(lambda: _Purse(asyncio.Lock()))

    async def enter(self, route: Route) -> None:
        """Wait for a place in every quota of the route; raises Transient when it takes longer."""
        for name in spent_by(route):
            await self._take_one(self._quotas[name])

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Close the tightest quota of the route for everybody, and use less of it for a while."""
        quota = self._quotas[spent_by(route)[0]]
        purse = self._purses[quota.name]
        async with purse.lock:
            purse.left = 0
            while True:
                stored = purse.stored or await self._windows.read(quota.name)
                window = stored.window.refused(quota, self._now(), retry_after)
                if await self._write(quota, purse, stored, window):
                    return

    async def _take_one(self, quota: Quota) -> None:
        share = self._share * (1 - self._reserve if is_background() else 1)
        purse = self._purses[quota.name]
        waited = 0.0
        while True:
            async with purse.lock:
                wait = await self._try(quota, purse, share)
            if wait is None:
                return
            waited += wait
            if waited > self._longest_wait:
                detail = f"The quota {quota.name} is used up for {waited:.1f} seconds."
                raise Transient("quota-used-up", detail, retry_after=wait, waits=True)
            await self._sleep(wait)

    async def _try(self, quota: Quota, purse: _Purse, share: float) -> float | None:
        """Take one; None when it was got, else the seconds until there may be one."""
        now = self._now()
        slot = int(now / (quota.seconds / SLOTS))
        if purse.left and purse.slot == slot:
            purse.left -= 1
            return None
        block = BLOCKS.get(quota.name, 1)
        while True:
            stored = purse.stored or await self._windows.read(quota.name)
            window, taken = stored.window.take(quota, now, block, share)
            if not taken:
                # What was seen last may be old: nobody waits for what others gave back.
                fresh = await self._windows.read(quota.name)
                purse.stored = fresh
                if fresh.etag == stored.etag:
                    return fresh.window.wait(quota, now, share)
                continue
            if await self._write(quota, purse, stored, window):
                purse.left, purse.slot = taken - 1, window.slot
                return None

    async def _write(self, quota: Quota, purse: _Purse, stored: Stored, window: Window) -> bool:
        try:
            purse.stored = await self._windows.write(quota.name, window, stored.etag)
        except WindowChanged:
            purse.stored = None
            return False
        told(quota, window, self._now())
        return True

    def _now(self) -> float:
        return self._clock().timestamp()
