"""Every call of a port passes here: calls interleave here, and faults happen here."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_START = datetime(2026, 12, 1, tzinfo=UTC)
_CALL = timedelta(milliseconds=1)
_HANGS = timedelta(seconds=20)


class Mishap(StrEnum):
    """What can happen to one call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    """The effect happened, and nobody is left to hear of it."""
    FAIL_BEFORE = "fail before"
    FAIL_AFTER = "fail after"
    """The effect happened, and its reply is lost."""
    OUT_OF_TIME = "out of time"
    """The effect happened, and the deadline of whoever waits for its reply strikes."""
    LOCK_LOST = "lock lost"
    """The broker gives the message to another while this call hangs, and goes on later."""


WORK: ContextVar["asyncio.Task[None]"] = ContextVar("work")
"""The task that everything which it begins is a part of, where it says so."""


class Crash(BaseException):
    """The process ends here."""


@dataclass(eq=False)
class Waiting:
    """A call that has not reached its effect yet."""

    ready_at: datetime
    go: asyncio.Future[None]
    work: "asyncio.Task[None]"
    """What it is a part of."""


@dataclass
class Boundary:
    """Time, the calls that wait to go on, and what shall happen to which call."""

    mishaps: dict[int, Mishap] = field(default_factory=dict)
    """By the number of the call, counted from 0."""
    now: datetime = _START
    waiting: list[Waiting] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    lock_lost: Callable[[asyncio.Task[None]], None] = lambda _: None

    def clock(self) -> datetime:
        return self.now

    async def call[T](
        self, name: str, effect: Callable[[], T], failure: Callable[[], Exception]
    ) -> T:
        """Wait for one's turn, then do it, unless something happens to this call."""
        mishap = self.mishaps.get(len(self.names))
        self.names.append(name)
        current = asyncio.current_task()
        assert current
        work = WORK.get(current)
        if mishap is Mishap.LOCK_LOST:
            self.lock_lost(work)
        ready_at = self.now + _HANGS if mishap is Mishap.LOCK_LOST else self.now
        here = Waiting(ready_at, asyncio.get_running_loop().create_future(), work)
        self.waiting.append(here)
        try:
            await here.go
        finally:
            self.waiting.remove(here)
        self.now += _CALL
        if mishap:
            self.happened[mishap] += 1
        if mishap is Mishap.CRASH_BEFORE:
            raise Crash
        if mishap is Mishap.FAIL_BEFORE:
            raise failure()
        done = effect()
        if mishap is Mishap.CRASH_AFTER:
            raise Crash
        if mishap is Mishap.FAIL_AFTER:
            raise failure()
        if mishap is Mishap.OUT_OF_TIME:
            raise TimeoutError
        return done

    def ready(self) -> list[Waiting]:
        """The calls that may go on now."""
        return [h for h in self.waiting if h.ready_at <= self.now and not h.go.done()]

    def next_ready(self) -> datetime | None:
        """When the next of those that hang may go on."""
        return min((h.ready_at for h in self.waiting if h.ready_at > self.now), default=None)
