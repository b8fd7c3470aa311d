"""Time as the engine sees it: milliseconds since 1970, and callbacks at a moment."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A callback that has not run yet."""

    def cancel(self) -> None:
        """Make sure that the callback never runs."""


class Clock(Protocol):
    """What the engine needs to know about time."""

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""

    def call_at(self, when: int, callback: Callable[[], None]) -> Timer:
        """Run `callback` once at `when`, or as soon as possible if that has passed."""


class LoopClock:
    """The running event loop's time, anchored once to the wall clock.

    The wall clock is read only at the start, so that its later jumps move no lock or timer.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoch = time.time() - self._loop.time()

    def now(self) -> int:
        """Milliseconds since 1970."""
        return int((self._loop.time() + self._epoch) * 1000)

    def call_at(self, when: int, callback: Callable[[], None]) -> Timer:
        """Run `callback` on the loop; a cancelled timer costs nothing, the loop purges them."""
        return self._loop.call_at(when / 1000 - self._epoch, callback)


class VirtualTimer:
    """A timer of `VirtualClock`."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget the callback."""
        self.callback = None


class VirtualClock:
    """A clock that stands still until `advance` turns it."""

    def __init__(self, start: int = 1_800_000_000_000) -> None:
        self._now = start
        self._order = itertools.count()
        self._timers: list[tuple[int, int, VirtualTimer]] = []

    def now(self) -> int:
        """Milliseconds since 1970, as far as it has been turned."""
        return self._now

    def call_at(self, when: int, callback: Callable[[], None]) -> VirtualTimer:
        """Run `callback` when `advance` reaches `when`, never from within this call."""
        timer = VirtualTimer(callback)
        heapq.heappush(self._timers, (max(when, self._now), next(self._order), timer))
        return timer

    def advance(self, milliseconds: int) -> None:
        """Let time pass and run what becomes due, each callback at its own moment."""
        end = self._now + milliseconds
        while self._timers and self._timers[0][0] <= end:
            self._now, _, timer = heapq.heappop(self._timers)
            if timer.callback is not None:
                timer.callback()
        self._now = end
