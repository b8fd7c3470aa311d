"""The governor: books places in the quotas for all instances, and makes callers wait for theirs.

The windows are small entities that every instance changes by compare and swap, so the sum of what
all of them take never exceeds a quota, however many there are, and none of it is lost to one that
has nothing to do. One swap books for all callers whose turn it is in this process. A read costs
little of its quota, so as many reads are taken as were needed lately.

A wait that the lock of a message allows is waited for: its lane has nothing else to do. A longer
one is told as Transient, and the message comes again then.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from shared.clock import Clock
from shared.faults import Transient
from shared.graph.route import Route
from shared.quota.ports import Stored, WindowChanged, Windows
from shared.quota.priority import is_background, waits_until
from shared.quota.quotas import Quota, spent_by
from shared.quota.telling import told
from shared.quota.window import HELD, SLOTS, Window

AHEAD = 20
"""How many are taken ahead of their use at most, of a quota with plenty."""
LONGEST_WAIT = 30.0
"""Seconds that a call waits for its place at most: a lock lasts longer."""


@dataclass(slots=True)
class _Purse:
    """What this process holds of one quota, for background work or for the rest."""

    lock: asyncio.Lock
    stored: Stored | None = None
    """The window as this process left it."""
    contended: bool = False
    """Whether others book too: then it is worth reading before writing."""
    at_door: int = 0
    """Callers whose turn it is now."""
    places: deque[float] = field(default_factory=deque)
    """When those that are booked may be used."""
    heard_at: float = 0.0
    period: int = -1
    spent: int = 0
    usual: int = 1
    """How many the period before this one needed."""

    closed: int = 0
    """How often it was: a place that was booked before is worth nothing."""

    def close(self) -> None:
        """Graph has refused a call."""
        self.closed += 1
        self.places.clear()

    def begin(self, quota: Quota, now: float) -> None:
        """Time has gone on: what was booked for a time that is over would count twice."""
        length = quota.seconds / SLOTS * (HELD if quota.plenty else 1)
        while self.places and self.places[0] + length < now:
            self.places.popleft()
        if (period := int(now / length)) != self.period:
            self.usual, self.period, self.spent = self.spent, period, 0


class Governor:
    """Implements Gate.

    `share` is the part of each quota that is used, `reserve` what background work leaves of that.
    Nobody waits longer than LONGEST_WAIT, nor than `priority.waits_until` says.
    """

    def __init__(
        self,
        windows: Windows,
        quotas: Mapping[str, Quota],
        clock: Clock,
        *,
        share: float,
        reserve: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._windows, self._quotas, self._clock = windows, quotas, clock
        self._share, self._reserve = share, reserve
        self._sleep, self._spread = sleep, spread
        self._purses: defaultdict[tuple[str, bool], _Purse] = defaultdict(
            lambda: _Purse(asyncio.Lock())
        )

    async def enter(self, route: Route) -> None:
        """Wait for a place in every quota of the route; raises Transient when it takes longer.

        In the tightest one last: its places are for their time.
        """
        for name in reversed(spent_by(route)):
            await self._wait_for_place(self._quotas[name])

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Close the tightest quota of the route for everybody, and use less of it for a while."""
        if not (spent := spent_by(route)):
            return
        quota = self._quotas[spent[0]]
        for background in (True, False):
            self._purses[quota.name, background].close()
        purse = self._purses[quota.name, False]
        async with purse.lock:
            while True:
                stored = await self._seen(quota, purse)
                window = stored.window.refused(quota, self._now(), self._share, retry_after)
                if await self._write(quota, purse, stored, window):
                    return

    async def heard(self, route: Route, used: float) -> None:
        """Use less where others use more than is left to them; looked at now and then."""
        quota = self._quotas[spent_by(route)[0]]
        purse, now = self._purses[quota.name, False], self._now()
        if now < purse.heard_at + quota.seconds / 10:
            return
        purse.heard_at = now
        with suppress(Transient):  # the call that told it has succeeded
            async with purse.lock:
                while True:
                    stored = await self._windows.read(quota.name)
                    window = stored.window.heard(quota, now, self._share, used)
                    unchanged = window is stored.window
                    if unchanged or await self._write(quota, purse, stored, window):
                        return

    async def _wait_for_place(self, quota: Quota) -> None:
        background = is_background()
        purse = self._purses[quota.name, background]
        while True:
            purse.at_door += 1
            try:
                async with purse.lock:
                    closed, place = purse.closed, await self._place(quota, purse, background)
            finally:
                purse.at_door -= 1
            wait = place - self._now()
            if place > _latest(self._now()):
                detail = f"The quota {quota.name} is used up for {wait:.1f} seconds."
                raise Transient("quota-used-up", detail, retry_after=wait, waits=True)
            if wait > 0:
                # Not all at the begin of their slot.
                await self._sleep(wait + self._spread() * quota.seconds / SLOTS)
            if closed == purse.closed:
                return

    async def _place(self, quota: Quota, purse: _Purse, background: bool) -> float:
        """When the next place may be used; it is booked unless that is too late to wait for."""
        now = self._now()
        purse.begin(quota, now)
        while not purse.places:
            stored = await self._seen(quota, purse)
            window, places, at = self._booked(quota, purse, stored.window, now, background)
            if not places:
                return at
            if await self._write(quota, purse, stored, window):
                purse.places.extend(places)
        if (place := purse.places[0]) > _latest(now):
            return place  # it is left to somebody who can wait for it
        purse.spent += 1
        return purse.places.popleft()

    def _booked(
        self, quota: Quota, purse: _Purse, window: Window, now: float, background: bool
    ) -> tuple[Window, list[float], float]:
        """The window behind booking for all at the door, their places, and when the next one is."""
        share = self._share * (1 - self._reserve if background else 1)
        ahead = min(max(purse.usual, purse.spent), AHEAD) if quota.plenty else 1
        places, at = list[float](), now
        for number in range(max(purse.at_door, ahead)):
            until = _latest(now) if number < purse.at_door else now
            behind, at = window.book(quota, now, share, until=until, background=background)
            if at > until:
                break
            window = behind
            places.append(at)
        return window, places, at

    async def _seen(self, quota: Quota, purse: _Purse) -> Stored:
        if purse.stored and not purse.contended:
            return purse.stored
        found = await self._windows.read(quota.name)
        purse.contended = purse.stored is not None and purse.stored.etag != found.etag
        return found

    async def _write(self, quota: Quota, purse: _Purse, stored: Stored, window: Window) -> bool:
        try:
            purse.stored = await self._windows.write(quota.name, window, stored.etag)
        except WindowChanged:
            purse.contended = True
            return False
        told(quota, window, self._now())
        return True

    def _now(self) -> float:
        return self._clock().timestamp()


def _latest(now: float) -> float:
    """Until when the place of whoever asks has to come; one that is now will always do."""
    until = waits_until()
    return now + LONGEST_WAIT if until is None else max(now, min(now + LONGEST_WAIT, until))
