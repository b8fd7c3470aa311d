"""Governors of several instances on one store: together they keep to the quota."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from shared.faults import Transient
from shared.graph.routes import ROUTES
from shared.quota.governor import LONGEST_WAIT, Governor
from shared.quota.ports import Stored, WindowChanged
from shared.quota.priority import working_for
from shared.quota.quotas import QUOTAS, Quota
from shared.quota.window import GROWS, SHRINKS, Window
from shared.telemetry.measurement import Measurement
from shared.telemetry.outbox import OUTBOX
from shared.telemetry.span import Span

WRITE, READ = ROUTES["patch-managed-device"], ROUTES["get-managed-device"]


class Clock:
    """A virtual clock: time passes when everybody sleeps."""

    def __init__(self) -> None:
        self.now = datetime(2026, 12, 1, tzinfo=UTC)
        self.sleeping: list[tuple[datetime, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self.sleeping.append((self.now + timedelta(seconds=seconds), future))
        await future

    async def run(self, *work: asyncio.Task[None]) -> None:
        """Until all of it is done."""
        while not all(task.done() for task in work):
            for _ in range(20):
                await asyncio.sleep(0)
            due = min(self.sleeping, key=lambda each: each[0], default=None)
            if due and not all(task.done() for task in work):
                self.sleeping.remove(due)
                self.now = max(self.now, due[0])
                due[1].set_result(None)


class Store:
    """The table, with its condition and a turn for others in between."""

    def __init__(self) -> None:
        self.windows: dict[str, Stored] = {}
        self.requests: Counter[str] = Counter()

    async def read(self, quota: str) -> Stored:
        self.requests["read"] += 1
        await asyncio.sleep(0)
        return self.windows.get(quota, Stored(Window(), None))

    async def write(self, quota: str, window: Window, etag: str | None) -> Stored:
        self.requests["write"] += 1
        await asyncio.sleep(0)
        known = self.windows.get(quota, Stored(Window(), None))
        if known.etag != etag:
            raise WindowChanged(quota)
        self.windows[quota] = Stored(window, str(int(etag or 0) + 1))
        return self.windows[quota]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


def governor(clock: Clock, store: Store, *, reserve: float = 0.0, **quotas: Quota) -> Governor:
    sizes = {**QUOTAS, **{quota.name: quota for quota in quotas.values()}}
    return Governor(store, sizes, lambda: clock.now, share=1.0, reserve=reserve, sleep=clock.sleep)


async def test_sixteen_instances_take_the_quota_together_and_no_more(
    clock: Clock, store: Store
) -> None:
    times: list[float] = []

    async def instance() -> None:
        gate = governor(clock, store)
        while clock.now < began + timedelta(seconds=100):
            try:
                await gate.enter(WRITE)
            except Transient as error:
                await clock.sleep(error.retry_after or 0)
                continue
            times.append(clock.now.timestamp())

    began = clock.now
    await clock.run(*(asyncio.create_task(instance()) for _ in range(16)))
    spans = [sum(at <= other < at + 20 for other in times) for at in times[::20]]
    assert max(spans) <= 200
    assert len(times) >= 0.93 * 1000


async def test_a_long_wait_is_told_and_counts_as_no_attempt(clock: Clock, store: Store) -> None:
    gate = governor(clock, store)
    await gate.refused(WRITE, 300.0)
    with pytest.raises(Transient) as told:
        await gate.enter(WRITE)
    assert told.value.waits
    assert LONGEST_WAIT < (told.value.retry_after or 0) <= 300
    assert clock.sleeping == []


async def test_what_one_instance_is_refused_all_instances_know(clock: Clock, store: Store) -> None:
    one, other = governor(clock, store), governor(clock, store)
    await other.enter(WRITE)
    await one.refused(WRITE, 300.0)
    with pytest.raises(Transient):
        await asyncio.gather(*(other.enter(WRITE) for _ in range(2)))


async def test_background_work_leaves_room_for_a_single_change(clock: Clock, store: Store) -> None:
    gate = governor(clock, store, reserve=0.2, small=Quota("intune-writes", 10, 400.0))

    taken: list[datetime] = []

    async def bulk() -> None:
        with working_for("bulk"), suppress(Transient):
            while True:
                await gate.enter(WRITE)
                taken.append(clock.now)

    await clock.run(asyncio.create_task(bulk()))
    assert len(taken) == 8
    await clock.run(asyncio.create_task(gate.enter(WRITE)))


async def test_reads_that_follow_each_other_need_no_swap_each(clock: Clock, store: Store) -> None:
    gate = governor(clock, store)
    for _ in range(40):
        await gate.enter(READ)
    assert store.requests["write"] <= 8


async def test_a_few_reads_of_many_instances_leave_the_quota_to_all(
    clock: Clock, store: Store
) -> None:
    async def instance() -> None:
        gate = governor(clock, store)
        while clock.now < began + timedelta(seconds=60):
            await gate.enter(READ)
            read.append(clock.now)
            await clock.sleep(0.4)

    began, read = clock.now, list[datetime]()
    await clock.run(*(asyncio.create_task(instance()) for _ in range(16)))
    assert len(read) > 0.98 * 16 * 60 / 0.4, "nobody waits but for the first burst"


async def test_callers_that_come_together_need_one_swap(clock: Clock, store: Store) -> None:
    gate = governor(clock, store)
    await asyncio.gather(*(gate.enter(WRITE) for _ in range(12)))
    assert store.windows["intune-writes"].window.counts[-1] == 12
    assert store.requests["write"] <= 2 + 6, "of the reads of all Intune, a few each time"


class Levels:
    """An exporter that keeps what was told of quotas last."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, str], float] = {}

    def span(self, _: Span) -> None:
        """Of no interest."""

    def measured(self, measurement: Measurement) -> None:
        name = measurement.metric.name, measurement.dimensions["quota"]
        self.last[name] = measurement.value


@pytest.fixture
def levels() -> Iterator[Levels]:
    recorder = Levels()
    OUTBOX.deliver_to(recorder)
    yield recorder
    OUTBOX.close()


async def test_how_full_a_quota_is_is_told_for_all_instances_without_asking_again(
    clock: Clock, store: Store, levels: Levels
) -> None:
    small = Quota("intune-writes", 40, 20.0)
    instances = [governor(clock, store, small=small) for _ in range(2)]
    for instance in instances:
        for _ in range(2):
            await instance.enter(WRITE)
    assert levels.last["sluice.quota.used", "intune-writes"] == pytest.approx(4 / 40)
    assert levels.last["sluice.quota.budget", "intune-writes"] == 1.0
    assert store.requests["read"] == 2 * len(("intune-writes", "intune"))


async def test_a_budget_that_shrank_with_a_429_and_grows_back_is_told(
    clock: Clock, store: Store, levels: Levels
) -> None:
    gate = governor(clock, store)
    await gate.refused(WRITE, 1.0)
    assert levels.last["sluice.quota.budget", "intune-writes"] == pytest.approx(SHRINKS)
    clock.now += timedelta(seconds=20)
    await gate.enter(WRITE)
    assert levels.last["sluice.quota.budget", "intune-writes"] == pytest.approx(SHRINKS + GROWS)
