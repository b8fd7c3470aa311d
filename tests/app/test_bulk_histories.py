"""A bulk change under crashes, failures and doubles at any call: each target once, or not at all.

The real use cases run on ports in memory, on a virtual clock, see simulation/.
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulation.boundary import Boundary, Mishap
from simulation.scripts import devices
from simulation.tenant import Tenant
from simulation.world import Ask, Redrive, Step, World

from shared.bulk.accept import BulkIntake
from shared.bulk.actions import cancel_bulk, resume_bulk
from shared.bulk.count import counted
from shared.bulk.record import HALTED, Progress, child_id
from shared.bulk.request import read_bulk_request
from shared.bulk.tally import Tally
from shared.changes.operation import Operation
from shared.changes.states import State

DEVICES = devices(5)


def asked(**bounds: Any) -> Ask:
    """A bulk change of all devices; what is written on each is the same."""
    request = {
        "operation": "patchDevice",
        "set": {"extensionAttributes": {"extensionAttribute1": "bulk"}},
        "targets": [{"deviceId": device.device_id} for device in DEVICES],
        **bounds,
    }
    body = json.dumps(request).encode()

    async def ask(world: World) -> None:
        intake = BulkIntake(world.bulk.intake, world.bulk.targets)
        await intake.take(read_bulk_request(body), key="bulk")

    return Ask(ask)


async def _resume(world: World) -> None:
    await resume_bulk(world.bulk, bulk_of(world).id, 1.0)


async def _cancel(world: World) -> None:
    await cancel_bulk(world.bulk, bulk_of(world).id)


RESUMED = Ask(_resume, when=lambda world: halted(world) or bulk_of(world).state.ended)
CANCELLED = Ask(_cancel, when=lambda world: any(each.parent for each in world.operations.all()))


def halted(world: World) -> bool:
    return bulk_of(world).awaits_person


def bulk_of(world: World) -> Operation:
    return next(each for each in world.operations.all() if each.is_bulk)


def play(
    script: list[Step],
    mishaps: dict[int, Mishap] | None = None,
    *,
    absent: int | None = None,
    seed: int = 0,
) -> World:
    """Run one history and check it; the device with that number is not there at first."""
    boundary = Boundary(mishaps=dict(mishaps or {}))
    tenant = Tenant(boundary, devices(len(DEVICES)))
    if absent is not None:
        tenant.absent.add(DEVICES[absent].device_id)
    world = World(boundary, tenant, [*script, Redrive(), Redrive()], seed=seed)
    watch(world)
    asyncio.run(world.run())
    check(world)
    return world


def watch(world: World) -> None:
    """No target is made that was not begun, and none begins while the bulk change is held."""
    write = world.operations._write

    def watched(operation: Operation) -> Operation:
        known = {each.id: each for each in world.operations.all()}
        if operation.parent:
            bulk = known[operation.parent.change]
            assert operation.parent.index < Progress.of(bulk).begun
        if operation.is_bulk and operation.id in known:
            before, now = known[operation.id], Progress.of(operation)
            assert now.begun == Progress.of(before).begun or not before.awaits_person
            assert not (now.cancelling and now.begun > Progress.of(before).begun)
        return write(operation)

    world.operations._write = watched  # type: ignore[method-assign]


def check(world: World) -> None:
    """Every target has its one effect, or is known not to have it, and the numbers add up."""
    bulk = bulk_of(world)
    # As it is told to who asks: an end that came after that of the bulk change is news.
    progress, _ = asyncio.run(_looked_up(world, counted(world.results, bulk)))
    children = {each.parent.index: each for each in world.operations.all() if each.parent}
    rows = asyncio.run(_looked_up(world, world.results.some(bulk.id, 0, len(DEVICES))))
    tally = Tally.of(len(DEVICES), progress)
    assert bulk.state.ended
    assert tally.open == 0
    assert tally.ended == Counter(row.state for row in rows), "not as it was counted"
    assert children.keys() == set(range(progress.begun))
    assert {row.index: row.state for row in rows} == {n: c.state for n, c in children.items()}
    for index, device in enumerate(world.tenant.devices):
        verified = index in children and children[index].state is State.VERIFIED
        assert len(device.effects) == int(verified), f"target {index}"
        assert index not in children or children[index].id == child_id(bulk.id, index)
    assert not world.tenant.overlaps
    assert not world.operations.marks, "recorded and never queued"
    assert not world.broker.entries, "a message is left"
    ended = {each.id for each in world.operations.all() if each.state.ended}
    # An ended one that a turn without its lock put back keeps nobody waiting.
    assert {each for line in world.lines.lines.values() for each in line} <= ended
    said = [m.subject for m in world.broker.outcomes if m.correlation == "bulk"]
    assert said[-1] == bulk.state
    if bulk.state is State.VERIFIED:
        assert tally.ended == {State.VERIFIED: len(DEVICES)}


async def _looked_up[T](world: World, question: Coroutine[Any, Any, T]) -> T:
    world.boundary.mishaps.clear()
    looking = asyncio.create_task(question)
    while not looking.done():
        for here in world.boundary.waiting:
            here.go.set_result(None)
        await asyncio.sleep(0)
    return await looking


CASES: dict[str, tuple[list[Step], dict[str, Any], set[State]]] = {
    "a canary, then the rest": ([asked(canary=1)], {}, {State.VERIFIED}),
    "a halt": ([asked(canary=1), Redrive(), RESUMED], {"absent": 0}, {State.VERIFIED}),
    "a late failure": ([asked(canary=1), Redrive(), RESUMED], {"absent": 3}, {State.VERIFIED}),
    "a cancel": ([asked(canary=2), CANCELLED], {}, {State.CANCELLED, State.VERIFIED}),
}


def suffer(case: str, *, every: int) -> int:
    """Let each kind of mishap happen at every so many-th call; how many histories that were."""
    script, options, ends = CASES[case]
    calls = len(play(script, **options).boundary.names)
    histories = [(n, mishap) for n in range(calls) for mishap in Mishap][::every]
    for number, mishap in histories:
        world = play(script, {number: mishap}, seed=number, **options)
        assert bulk_of(world).state in ends
    return len(histories)


@pytest.mark.parametrize("case", CASES)
def test_a_mishap_does_no_harm_to_a_bulk_change(case: str) -> None:
    assert suffer(case, every=19) > 15


def test_it_does_not_halt_when_nothing_is_left_to_begin() -> None:
    boundary = Boundary()
    tenant = Tenant(boundary, devices(len(DEVICES)))
    tenant.absent.add(DEVICES[4].device_id)
    world = World(boundary, tenant, [asked(canary=4)])
    asyncio.run(world.run())
    assert (bulk_of(world).state, len(world.broker.dead)) == (State.FAILED, 2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("case", CASES)
def test_one_mishap_at_any_call_does_no_harm_to_a_bulk_change(case: str) -> None:
    assert suffer(case, every=1) > 300


def test_what_fails_in_the_canary_stops_the_rest() -> None:
    script: list[Step] = [asked(canary=2)]
    boundary = Boundary()
    tenant = Tenant(boundary, devices(len(DEVICES)))
    tenant.absent.add(DEVICES[1].device_id)
    world = World(boundary, tenant, script)
    asyncio.run(world.run())
    bulk = bulk_of(world)
    assert (bulk.state, bulk.failure and bulk.failure.code) == (State.HELD, HALTED)
    assert [len(device.effects) for device in tenant.devices] == [1, 0, 0, 0, 0]
    assert Progress.of(bulk).begun == 2


def test_what_has_halted_stays_so_although_a_deadline_strikes_while_it_says_so() -> None:
    def halted(mishaps: dict[int, Mishap]) -> World:
        boundary = Boundary(mishaps)
        tenant = Tenant(boundary, devices(len(DEVICES)))
        tenant.absent.add(DEVICES[0].device_id)
        world = World(boundary, tenant, [asked(canary=1)])
        asyncio.run(world.run())
        return world

    calls = halted({}).boundary.names
    last = len(calls) - 1 - calls[::-1].index("send outcomes")
    world = halted({last: Mishap.OUT_OF_TIME})
    assert bulk_of(world).awaits_person
    assert [message.subject for message in world.broker.outcomes].count("held") == 1


def test_a_redrive_that_was_cut_short_is_made_good_in_the_bulk_change_too() -> None:
    script, options, _ = CASES["a late failure"]
    number = play(script, **options).boundary.names.index("results.reopen")
    world = play(script, {number: Mishap.CRASH_BEFORE}, **options)
    assert "results.reopen" in world.boundary.names[number + 1 :]


def test_no_more_are_under_way_at_once_than_the_setting_says() -> None:
    boundary = Boundary()
    world = World(boundary, Tenant(boundary, devices(len(DEVICES))), [asked(canary=0)])
    world.bulk = replace(world.bulk, most_open=1)
    most, write = 0, world.operations._write

    def counting(operation: Operation) -> Operation:
        nonlocal most
        written = write(operation)
        most = max(most, sum(not c.state.ended for c in world.operations.all() if c.parent))
        return written

    world.operations._write = counting  # type: ignore[method-assign]
    asyncio.run(world.run())
    check(world)
    assert most == 1


def made(mishaps: dict[int, Mishap] | None = None, *, seed: int = 0) -> tuple[World, int, int]:
    """All at once; how many were at work at the same time at most, and how many were cut short."""
    boundary = Boundary(mishaps or {})
    world = World(boundary, Tenant(boundary, devices(len(DEVICES))), [asked(canary=0)], seed=seed)
    world.bulk = replace(world.bulk, most_open=len(DEVICES))
    now, most, cut, create = 0, 0, 0, world.operations.create

    async def watched(operation: Operation) -> Operation | None:
        nonlocal now, most, cut
        now += 1
        most = max(most, now)
        try:
            return await create(operation)
        except asyncio.CancelledError:
            cut += 1
            raise
        finally:
            now -= 1

    world.operations.create = watched  # type: ignore[method-assign]
    asyncio.run(world.run())
    check(world)
    return world, most, cut


def test_the_changes_that_have_begun_are_made_side_by_side() -> None:
    _, most, _ = made()
    assert most > 1


def test_one_that_cannot_be_made_now_does_not_cut_the_others_short() -> None:
    world, *_ = made()
    names = world.boundary.names
    of_a_target = names.index("operations.create", names.index("operations.create") + 1)
    for seed in range(10):
        world, _, cut = made({of_a_target: Mishap.FAIL_BEFORE}, seed=seed)
        assert world.boundary.happened[Mishap.FAIL_BEFORE] == 1
        assert cut == 0


def test_what_has_not_begun_when_the_window_closes_never_does() -> None:
    closes = Boundary().now + timedelta(seconds=1.5)
    boundary = Boundary()
    tenant = Tenant(boundary, devices(len(DEVICES)))
    script: list[Step] = [asked(canary=1, notAfter=closes.isoformat())]
    world = World(boundary, tenant, script)
    asyncio.run(world.run())
    check(world)
    bulk = bulk_of(world)
    assert bulk.state is State.EXPIRED
    assert Progress.of(bulk).begun < len(DEVICES)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_random_histories_do_no_harm_to_a_bulk_change() -> None:
    for seed in range(int(os.environ.get("HISTORIES", "2000"))):
        rng = random.Random(seed)
        script: list[Step] = [asked(canary=rng.randint(0, 3))]
        if rng.random() < 0.5:
            script.append(CANCELLED)
        else:
            script += [Redrive(), RESUMED]
        mishaps = {rng.randrange(400): rng.choice(list(Mishap)) for _ in range(rng.randint(0, 8))}
        play(script, mishaps, seed=seed, absent=rng.choice([None, 0, 2, 4]))
