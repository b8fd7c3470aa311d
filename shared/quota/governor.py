"""The governor: takes from the quotas for all instances, and makes callers wait.

The windows are small entities that every instance changes by compare and swap, so the sum of what
all of them take never exceeds a quota, however many there are, and none of it is lost to one that
has nothing to do. One swap takes for all callers whose turn it is in this process. A read costs
little of its quota, so as many reads are taken as the slot, or the one before, needed.

A wait that the lock of a message allows is waited for: its lane has nothing else to do. A longer
one is told as Transient, and the message comes again then.
"""

import asyncio
import random
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

AHEAD = {INTUNE: 20, DIRECTORY_UNITS: 20}
"""How many are taken ahead of their use at most, of the quotas that have plenty: some are lost."""
LONGEST_WAIT = 30.0
"""Seconds that a call waits for its place at most: a lock lasts longer."""


@dataclass(slots=True)
class _Purse:
    """What this process holds of one quota, for background work or for the rest.

    `stored` is the window as it was last seen: one that is old promises too much, never too little.
    What is `left` is good for the slot that it was taken in: later it would count twice.
    """

    lock: asyncio.Lock
    stored: Stored | None = None
    at_door: int = 0
    """Callers whose turn it is now."""
    slot: int = -1
    left: int = 0
    spent: int = 0
    usual: int = 1
    """How many the slot before this one needed."""

    def begin(self, slot: int) -> None:
        """A new slot has begun."""
        if slot != self.slot:
            self.usual, self.slot, self.left, self.spent = self.spent, slot, 0, 0


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
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._windows, self._quotas, self._clock = windows, quotas, clock
        self._share, self._reserve, self._sleep = share, reserve, sleep
        self._longest_wait, self._spread = min(longest_wait, LONGEST_WAIT), spread
        self._purses: defaultdict[tuple[str, bool], _Purse] = defaultdict(
            lambda: _Purse(asyncio.Lock())
        )

    async def enter(self, route: Route) -> None:
        """Wait for a place in every quota of the route; raises Transient when it takes longer."""
        for name in spent_by(route):
            await self._take_one(self._quotas[name])

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Close the tightest quota of the route for everybody, and use less of it for a while."""
        quota = self._quotas[spent_by(route)[0]]
        purse = self._purses[quota.name, False]
        self._purses[quota.name, True].left = purse.left = 0
        async with purse.lock:
            while True:
                stored = purse.stored or await self._windows.read(quota.name)
                window = stored.window.refused(quota, self._now(), retry_after)
                if await self._write(quota, purse, stored, window):
                    return

    async def _take_one(self, quota: Quota) -> None:
        background = is_background()
        purse = self._purses[quota.name, background]
        waited = 0.0
        while True:
            purse.at_door += 1
            try:
                async with purse.lock:
                    wait = await self._try(quota, purse, background=background)
            finally:
                purse.at_door -= 1
            if wait is None:
                return
            waited += wait
            if waited > self._longest_wait:
                detail = f"The quota {quota.name} is used up for {waited:.1f} seconds."
                raise Transient("quota-used-up", detail, retry_after=wait, waits=True)
            # All wait for the same slot: they come one after another, early in it.
            await self._sleep(wait + self._spread() * quota.seconds / SLOTS / 2)

    async def _try(self, quota: Quota, purse: _Purse, *, background: bool) -> float | None:
        """Take one; None when it was got, else the seconds until there may be one."""
        share = self._share * (1 - self._reserve if background else 1)
        now = self._now()
        purse.begin(int(now / (quota.seconds / SLOTS)))
        while not purse.left:
            stored = purse.stored or await self._windows.read(quota.name)
            ahead = min(max(purse.usual, purse.spent), AHEAD.get(quota.name, 1))
            wanted = max(purse.at_door, ahead)
            window, taken = stored.window.take(quota, now, wanted, share, background=background)
            if not taken:
                purse.stored = stored
                return window.wait(quota, now, share, background=background)
            if await self._write(quota, purse, stored, window):
                purse.left = taken
        purse.left -= 1
        purse.spent += 1
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
