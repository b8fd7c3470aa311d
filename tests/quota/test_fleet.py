"""The quota as Graph enforces it, used by any number of instances that have a backlog."""

import asyncio
import statistics

import pytest
from fleet import WRITE, Fleet, now
from hypothesis import example, given, settings
from hypothesis import strategies as st
from virtual_time import in_virtual_time, run

from shared.quota.quotas import Quota

LANES = 16
SPAN = 20.0


def started(fleet: Fleet, instances: int, *, skew: float = 0.0, source: str = "http") -> None:
    """All lanes, spread over so many instances."""
    for number in range(instances):
        lanes = LANES // instances + (number < LANES % instances)
        fleet.start(lanes, skew=fleet.random.uniform(-skew, skew), source=source)


@settings(max_examples=4)
@example(instances=16, seed=0)
@example(instances=1, seed=0)
@given(instances=st.integers(1, LANES), seed=st.integers(0, 2**16))
def test_any_number_of_instances_use_nearly_all_of_it_and_never_more(
    instances: int, seed: int
) -> None:
    async def drain() -> Fleet:
        fleet = Fleet(seed=seed)
        started(fleet, instances)
        await asyncio.sleep(4 * SPAN)
        return fleet

    service = run(drain()).service
    assert service.used(SPAN, 4 * SPAN) >= 0.95
    assert not service.refused


@settings(max_examples=2)
@given(instances=st.integers(2, LANES), seed=st.integers(0, 2**16))
def test_what_a_dead_instance_had_booked_is_all_that_is_lost(instances: int, seed: int) -> None:
    async def drain() -> Fleet:
        fleet = Fleet(seed=seed)
        started(fleet, instances)
        dying = fleet.start(LANES)
        await asyncio.sleep(3 * SPAN)
        dying.kill()
        await asyncio.sleep(3 * SPAN)
        return fleet

    service = run(drain()).service
    lost = service.quota.most * 3 * (0.963 - service.used(3 * SPAN, 6 * SPAN))
    assert lost <= LANES + 3, "a place for each lane; and the count may cut a slot, which has three"
    assert not service.refused


@in_virtual_time
async def test_what_others_use_is_left_to_them_and_taken_back_when_they_end() -> None:
    fleet = Fleet(slow=0.02)
    started(fleet, 4)

    async def others() -> None:
        while now() < 8 * SPAN:
            await asyncio.sleep(SPAN / fleet.quota.most / 0.4)
            fleet.service.ask_for_others()

    await others()
    assert 0.45 <= fleet.service.used(2 * SPAN, 8 * SPAN) <= 0.6
    late = [at for at in fleet.service.refused if at > 2 * SPAN]
    assert len(late) < 0.02 * len(fleet.service.admitted)
    await asyncio.sleep(12 * SPAN)
    assert fleet.service.used(18 * SPAN, 20 * SPAN) >= 0.95


@in_virtual_time
async def test_clocks_that_differ_by_seconds_cost_a_few_429_and_little_of_the_quota() -> None:
    fleet = Fleet(slow=0.02)
    started(fleet, 8, skew=2.0)
    await asyncio.sleep(6 * SPAN)
    assert fleet.service.used(SPAN, 6 * SPAN) >= 0.85
    assert len(fleet.service.refused) < 0.01 * len(fleet.service.admitted)


@in_virtual_time
async def test_slow_calls_are_not_enough_for_a_429() -> None:
    fleet = Fleet(slow=0.02)
    started(fleet, 16)
    await asyncio.sleep(6 * SPAN)
    assert not fleet.service.refused


@in_virtual_time
async def test_a_small_quota_is_used_as_well() -> None:
    fleet = Fleet(Quota("intune-writes", 30, 20.0))
    started(fleet, 4)
    await asyncio.sleep(10 * SPAN)
    assert fleet.service.used(SPAN, 10 * SPAN) >= 0.95
    assert not fleet.service.refused


@pytest.mark.parametrize("instances", [1, 16])
@in_virtual_time
async def test_a_single_change_does_not_wait_behind_a_backlog_of_background_work(
    instances: int,
) -> None:
    fleet = Fleet(share=0.9, reserve=0.1, slow=0.02)
    started(fleet, instances, source="bulk")
    await asyncio.sleep(3 * SPAN)
    gate, waits = fleet.governor(), list[float]()
    for _ in range(50):
        began = now()
        await gate.enter(WRITE)
        waits.append(now() - began)
        fleet.service.ask()
        await asyncio.sleep(fleet.random.uniform(0, 2))
    assert max(waits) < 0.5
    assert statistics.median(waits) < 0.1
    assert fleet.service.used(3 * SPAN, now()) >= 0.75, "and the backlog goes on"


@in_virtual_time
async def test_background_work_is_not_starved_by_a_backlog_of_single_changes() -> None:
    fleet = Fleet(share=0.9, reserve=0.1)
    governor = fleet.governor()
    done = {"http": 0, "bulk": 0}

    async def lane(source: str) -> None:
        while True:
            await fleet.change(governor, source)
            done[source] += 1

    lanes = [asyncio.create_task(lane(source)) for source in done for _ in range(LANES)]
    await asyncio.sleep(6 * SPAN)
    assert not any(lane.done() for lane in lanes)
    assert done["http"] > done["bulk"] > done["http"] / 4
