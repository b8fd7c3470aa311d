"""Governors of several instances on one store: who waits, and what they ask of the table."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fleet import BEGAN, READ, WRITE, Fleet, now
from virtual_time import in_virtual_time

from shared.faults import Transient
from shared.graph.routes import ROUTES
from shared.quota.governor import LONGEST_WAIT
from shared.quota.priority import working_for
from shared.quota.quotas import Quota
from shared.quota.window import GROWS
from shared.telemetry.measurement import Measurement
from shared.telemetry.outbox import OUTBOX
from shared.telemetry.span import Span


@in_virtual_time
async def test_a_long_wait_is_told_and_counts_as_no_attempt() -> None:
    gate = Fleet().governor()
    await gate.refused(WRITE, 300.0)
    began = now()
    with pytest.raises(Transient) as told:
        await gate.enter(WRITE)
    assert told.value.waits
    assert LONGEST_WAIT < (told.value.retry_after or 0) <= 300
    assert now() - began < 1, "nobody waits for it here"


@in_virtual_time
async def test_the_waits_of_one_turn_end_in_time_all_together() -> None:
    gate, written = Fleet(Quota("intune-writes", 10, 20.0)).governor(), list[float]()

    async def turn() -> None:
        with working_for("http", BEGAN + timedelta(seconds=12)):
            while True:
                await gate.enter(WRITE)
                written.append(now())

    with pytest.raises(Transient) as told:
        await turn()
    assert len(written) > 3, "each of them waits for less than that"
    assert told.value.waits
    assert now() < 12.5


@in_virtual_time
async def test_a_place_that_one_cannot_wait_for_is_left_to_another() -> None:
    fleet = Fleet(Quota("intune-writes", 10, 20.0))
    gate = fleet.governor()

    async def in_a_hurry() -> None:
        with working_for("http", BEGAN):
            await gate.enter(WRITE)

    first, hurried = asyncio.create_task(gate.enter(WRITE)), asyncio.create_task(in_a_hurry())
    with pytest.raises(Transient):
        await hurried
    await gate.enter(WRITE)
    await first
    assert sum(fleet.table.windows["intune-writes"].window.counts) == 2


@in_virtual_time
async def test_what_one_instance_is_refused_all_instances_know() -> None:
    fleet = Fleet()
    one, other = fleet.governor(), fleet.governor()
    await other.enter(WRITE)
    await one.refused(WRITE, 300.0)
    with pytest.raises(Transient):
        await asyncio.gather(*(other.enter(WRITE) for _ in range(2)))


@in_virtual_time
async def test_a_mailbox_that_is_asked_too_much_closes_no_quota_of_the_directory() -> None:
    fleet = Fleet()
    gate, calendar = fleet.governor(), ROUTES["list-calendar-view"]
    await gate.enter(calendar)
    await gate.refused(calendar, 300.0)
    await gate.enter(ROUTES["get-user"])
    assert set(fleet.table.windows) == {"directory-units"}


@in_virtual_time
async def test_a_place_that_was_booked_before_a_429_is_not_used_after_it() -> None:
    gate = Fleet(Quota("intune-writes", 10, 20.0)).governor()
    waiting = [asyncio.create_task(gate.enter(WRITE)) for _ in range(20)]
    await asyncio.sleep(1)
    went = [task for task in waiting if task.done() and not task.exception()]
    await gate.refused(WRITE, 15.0)
    await asyncio.sleep(14.9)
    assert [task for task in waiting if task.done() and not task.exception()] == went
    await asyncio.gather(*waiting, return_exceptions=True)


@in_virtual_time
async def test_a_header_that_others_use_much_shrinks_the_budget() -> None:
    fleet = Fleet()
    gate = fleet.governor()
    for _ in range(10):
        await gate.heard(WRITE, 0.9)
    assert fleet.table.windows["intune-writes"].window.factor == pytest.approx(0.1)
    assert fleet.table.requests.total() == 2


@in_virtual_time
async def test_background_work_leaves_room_for_a_single_change() -> None:
    gate = Fleet(Quota("intune-writes", 100, 400.0), reserve=0.2).governor()

    async def taken() -> int:
        places = [gate.enter(WRITE) for _ in range(100)]
        return (await asyncio.gather(*places, return_exceptions=True)).count(None)

    with working_for("bulk"):
        assert 0 < await taken() < 80
        await asyncio.sleep(200)
        assert await taken() < 40
    began = now()
    await gate.enter(WRITE)
    assert now() - began < 1


@in_virtual_time
async def test_reads_that_follow_each_other_need_no_swap_each() -> None:
    fleet = Fleet()
    gate = fleet.governor()
    for _ in range(40):
        await gate.enter(READ)
    assert fleet.table.requests["write"] <= 8


@in_virtual_time
async def test_a_few_reads_of_many_instances_leave_the_quota_to_all() -> None:
    fleet, waits = Fleet(), list[float]()

    async def instance() -> None:
        gate = fleet.governor()
        while now() < 60:
            began = now()
            await gate.enter(READ)
            waits.append(now() - began)
            await asyncio.sleep(0.4)

    await asyncio.gather(*(instance() for _ in range(16)))
    assert sum(wait > 0.5 for wait in waits) < len(waits) / 100
    assert fleet.table.requests.total() < len(waits)


@in_virtual_time
async def test_callers_that_come_together_need_one_swap() -> None:
    fleet = Fleet()
    gate = fleet.governor()
    await asyncio.gather(*(gate.enter(WRITE) for _ in range(8)))
    assert sum(fleet.table.windows["intune-writes"].window.counts) == 8
    assert fleet.table.requests["write"] <= 2 + 5, "of the reads of all Intune, a few each time"


@in_virtual_time
async def test_a_caller_that_is_cut_short_leaves_the_door_to_the_others() -> None:
    fleet = Fleet()
    gate = fleet.governor()
    first = asyncio.create_task(gate.enter(WRITE))
    await asyncio.sleep(0)
    first.cancel()
    await gate.enter(WRITE)
    assert sum(fleet.table.windows["intune"].window.counts) == 1, "nothing for who is gone"


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


@in_virtual_time
async def test_how_full_a_quota_is_is_told_for_all_instances(levels: Levels) -> None:
    fleet = Fleet()
    for instance in [fleet.governor() for _ in range(2)]:
        for _ in range(2):
            await instance.enter(WRITE)
    assert levels.last["sluice.quota.used", "intune-writes"] == pytest.approx(4 / 200)
    assert levels.last["sluice.quota.budget", "intune-writes"] == 1.0


@in_virtual_time
async def test_a_budget_that_shrank_with_a_429_and_grows_back_is_told(levels: Levels) -> None:
    gate = Fleet().governor()
    await gate.refused(WRITE, 1.0)
    assert levels.last["sluice.quota.budget", "intune-writes"] == pytest.approx(0.5, abs=0.001)
    await asyncio.sleep(20)
    await gate.enter(WRITE)
    grown = levels.last["sluice.quota.budget", "intune-writes"]
    assert grown == pytest.approx(0.5 + GROWS, abs=0.001)
