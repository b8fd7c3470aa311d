"""Instances of the app on one table and one Graph, in virtual time, with a backlog to write."""

import asyncio
import math
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.faults import Transient
from shared.graph.routes import ROUTES
from shared.quota.governor import Governor
from shared.quota.ports import Stored, WindowChanged
from shared.quota.priority import working_for
from shared.quota.quotas import INTUNE_WRITES, QUOTAS, Quota
from shared.quota.window import Window

WRITE, READ = ROUTES["patch-managed-device"], ROUTES["get-managed-device"]
BEGAN = datetime(2026, 12, 1, tzinfo=UTC)


def now() -> float:
    """Seconds of virtual time."""
    return asyncio.get_running_loop().time()


@dataclass
class Table:
    """The windows, with the time that a request takes."""

    random: random.Random
    windows: dict[str, Stored] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Swaps that somebody else was quicker with."""

    async def read(self, quota: str) -> Stored:
        self.requests["read"] += 1
        await self._travel()
        found = self.windows.get(quota, Stored(Window(), None))
        await self._travel()
        return found

    async def write(self, quota: str, window: Window, etag: str | None) -> Stored:
        self.requests["write"] += 1
        await self._travel()
        known = self.windows.get(quota, Stored(Window(), None))
        fits = known.etag == etag
        if fits:
            self.windows[quota] = Stored(window, str(int(etag or 0) + 1))
        written = self.windows[quota]
        await self._travel()
        if fits:
            return written
        self.lost += 1
        raise WindowChanged(quota)

    async def _travel(self) -> None:
        await asyncio.sleep(self.random.uniform(0.002, 0.01))


@dataclass
class Service:
    """Graph: a sliding window that holds at every instant, so wherever it lets its own begin."""

    quota: Quota
    admitted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    _window: deque[float] = field(default_factory=deque)

    def ask(self) -> float | None:
        """One of our calls: None when it is admitted, else the Retry-After."""
        wait = self._wait()
        (self.admitted if wait is None else self.refused).append(now())
        return wait

    def ask_for_others(self) -> None:
        """A call of somebody else with the same app."""
        self._wait()

    def _wait(self) -> float | None:
        while self._window and self._window[0] <= now() - self.quota.seconds:
            self._window.popleft()
        if len(self._window) >= self.quota.most:
            return float(math.ceil(self._window[0] + self.quota.seconds - now()))
        self._window.append(now())
        return None

    def used(self, since: float, until: float) -> float:
        """The part of the quota that was used in a time."""
        count = sum(since <= at < until for at in self.admitted)
        return count / (self.quota.most * (until - since) / self.quota.seconds)


@dataclass(frozen=True)
class Instance:
    """A process of the app."""

    governor: Governor
    lanes: list[asyncio.Task[None]]

    def kill(self) -> None:
        """End it: what it has booked is lost."""
        for lane in self.lanes:
            lane.cancel()


@dataclass
class Fleet:
    """So many instances, each with lanes that always have another change."""

    quota: Quota = QUOTAS[INTUNE_WRITES]
    seed: int = 0
    share: float = 1.0
    reserve: float = 0.0
    slow: float = 0.0
    """The part of the calls that travel for up to a second."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.table = Table(self.random)
        self.service = Service(self.quota)

    def governor(self, *, skew: float = 0.0) -> Governor:
        """That of an instance whose clock is so many seconds ahead."""
        quotas = {**QUOTAS, self.quota.name: self.quota}
        return Governor(
            self.table,
            quotas,
            lambda: BEGAN + timedelta(seconds=now() + skew),
            share=self.share,
            reserve=self.reserve,
            spread=self.random.random,
        )

    def start(self, lanes: int, *, skew: float = 0.0, source: str = "http") -> Instance:
        """Another instance."""
        governor = self.governor(skew=skew)
        return Instance(
            governor,
            [asyncio.create_task(self._lane(governor, source)) for _ in range(lanes)],
        )

    async def change(self, governor: Governor, source: str) -> None:
        """Look, write, look. Raises Transient."""
        with working_for(source):
            await governor.enter(READ)
            await self._travel()
            await self.write(governor)
            await governor.enter(READ)
            await self._travel()

    async def write(self, governor: Governor) -> None:
        """The write alone."""
        await governor.enter(WRITE)
        await self._travel()
        if (retry_after := self.service.ask()) is not None:
            await governor.refused(WRITE, retry_after)
            raise Transient("graph-throttled", "429", retry_after=retry_after)

    async def _lane(self, governor: Governor, source: str) -> None:
        while True:
            try:
                await self.change(governor, source)
            except Transient as error:
                await asyncio.sleep(error.retry_after or 1.0)

    async def _travel(self) -> None:
        """Half a call to Graph, seldom a slow one."""
        slow = self.random.random() < self.slow
        least, most = (0.3, 1.0) if slow else (0.04, 0.15)
        await asyncio.sleep(self.random.uniform(least, most))
