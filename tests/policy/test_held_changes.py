"""What the policy holds and keeps back: real use cases, stores in memory, a virtual clock."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from simulation.boundary import Boundary, Waiting
from simulation.policy import ALLOWS_ALL, NeverStops, Policing
from simulation.scripts import devices, post
from simulation.tenant import Tenant
from simulation.world import Ask, Post, World

from shared.actions.brake import Stops
from shared.actions.release import release
from shared.changes.operation import Operation
from shared.changes.problems import RequestRefused
from shared.changes.states import State
from shared.policy.brakes import Brakes
from shared.processing.settle import first_in_line
from shared.records.ports import Line

BRAKE = {"name": "mass-change", "sources": ["*"], "devices": 2, "minutes": 10}
HUBS = devices(4)


class Held(World):
    """A world whose policy is a test's own, and what a person does in it."""

    def __init__(self, document: Mapping[str, Any], script: list[Any], **options: Any) -> None:
        boundary = Boundary()
        self.use = Policing(boundary, ALLOWS_ALL | document, **options)
        self.hubs = devices(4)
        super().__init__(boundary, Tenant(boundary, self.hubs), script, policing=self.use)

    @property
    def stops(self) -> Stops:
        brakes = Brakes(self.use.file, self.use.cells)
        return Stops(self.bulk.actions, self.use.switch, brakes, self.use.held)

    def change(self, key: str) -> Operation:
        return next(each for each in self.operations.all() if each.key == key)

    def states(self) -> list[State]:
        return [each.state for each in self.operations.all()]


def mass(number: int = 4) -> list[Post]:
    return [post(n, hub, "deviceId") for n, hub in enumerate(HUBS[:number])]


async def let_go(world: World) -> None:
    assert isinstance(world, Held)
    await world.stops.release("mass-change")


async def test_a_mass_change_is_held_and_not_lost_and_goes_on_when_a_person_says_so() -> None:
    world = await Held({"brakes": [BRAKE]}, [*mass()]).run()
    held = [each for each in world.operations.all() if each.state is State.HELD]
    assert world.states().count(State.VERIFIED) == 2
    assert [each.decision and each.decision.rule for each in held] == ["mass-change"] * 2
    assert all(each.failure and each.failure.code == "held-by-policy" for each in held)
    assert not any(each.id in line for each in held for line in world.lines.lines.values())
    told = [json.loads(message.body) for message in world.broker.outcomes]
    assert [each["decision"]["rule"] for each in told if each["state"] == "held"] == [
        "mass-change",
        "mass-change",
    ]

    world = await Held(
        {"brakes": [BRAKE]},
        [*mass(), Ask(let_go, when=lambda w: w.states().count(State.HELD) == 2)],
    ).run()
    assert set(world.states()) == {State.VERIFIED}
    released = [each.decision for each in world.operations.all() if each.decision]
    assert sum(each.released_at is not None for each in released) == 2


async def test_a_held_change_keeps_nobody_waiting_and_stands_in_line_once_released() -> None:
    document = {
        "rules": [
            {"name": "careful", "sources": ["*"], "devices": [HUBS[0].name], "decision": "hold"},
            *ALLOWS_ALL["rules"],
        ]
    }
    first, second = post(1, HUBS[0], "displayName"), post(2, HUBS[0], "deviceId")

    async def release_it(world: World) -> None:
        assert isinstance(world, Held)
        await world.stops.release("careful")

    done = Ask(release_it, when=lambda w: w.change("change-2").state is State.VERIFIED)
    world = await Held(document, [first, second, done]).run()
    assert world.hubs[0].effects == ["change-2", "change-1"]


async def test_who_is_late_in_leading_out_a_held_change_leaves_it_in_line_once_it_goes_on() -> None:
    world = Held({"protected": PROTECTED}, [post(0, HUBS[0], "deviceId")])
    await world.run()
    [held] = world.operations.all()
    world.lines.lines[held.device] = {held.id: held.turn}  # as a crash leaves it
    use, boundary = world.bulk.actions, world.boundary

    late = asyncio.create_task(first_in_line(use, Line(held.device, (held.id,))))
    while boundary.names[-1] != "lines.leave":
        await go_on(boundary)
    [stalled] = boundary.waiting
    released = asyncio.create_task(release(use, NeverStops(), held.id, window=False))
    while not released.done():
        await go_on(boundary, all_but=stalled)
    while not late.done():
        await go_on(boundary)

    assert list(world.lines.lines[held.device]) == [held.id]
    assert late.result() == released.result()


async def go_on(boundary: Boundary, *, all_but: Waiting | None = None) -> None:
    """Let all go on that wait for a store, until they wait for the next."""
    for each in boundary.waiting:
        if each is not all_but and not each.go.done():
            each.go.set_result(None)
    await asyncio.sleep(0)


async def test_the_same_request_is_neither_counted_nor_decided_twice() -> None:
    budget = {"name": "hourly", "sources": ["http"], "changesPerHour": 1}
    world = Held({"budgets": [budget]}, [post(1, HUBS[0], "id"), post(1, HUBS[0], "id")])
    await world.run()
    assert world.states() == [State.VERIFIED]
    other = post(2, HUBS[0], "id")
    world = await Held({"budgets": [budget]}, [post(1, HUBS[0], "id"), other, other]).run()
    assert sorted(world.states()) == [State.HELD, State.VERIFIED]


PROTECTED = [
    {"name": "boardrooms", "devices": ["hub 0"], "decision": "hold"},
    {"name": "vault-door", "devices": [HUBS[1].device_id], "decision": "deny"},
]


@pytest.mark.parametrize("kind", ["id", "deviceId", "managedDeviceId", "serialNumber", "account"])
async def test_a_device_is_protected_by_whatever_it_is_called(kind: str) -> None:
    world = await Held({"protected": PROTECTED}, [post(0, HUBS[0], kind)]).run()
    [change] = world.operations.all()
    assert (change.state, world.hubs[0].effects) == (State.HELD, [])
    assert change.decision
    assert (change.decision.outcome, change.decision.rule) == ("hold", "boardrooms")
    assert not any(world.lines.lines.values())


@pytest.mark.parametrize("kind", ["id", "managedDeviceId", "serialNumber"])
async def test_what_is_denied_once_it_is_known_fails_and_is_not_written(kind: str) -> None:
    world = await Held({"protected": PROTECTED}, [post(1, HUBS[1], kind)]).run()
    [change] = world.operations.all()
    assert change.failure
    assert (change.state, change.failure.code) == (State.FAILED, "policy-denied")
    assert world.hubs[1].effects == []


@pytest.mark.parametrize("kind", ["id", "deviceName"])
async def test_a_protected_change_that_a_person_releases_is_made(kind: str) -> None:
    async def release_it(world: World) -> None:
        assert isinstance(world, Held)
        await world.stops.release("boardrooms")

    ready = Ask(release_it, when=lambda w: State.HELD in w.states())
    world = await Held({"protected": PROTECTED}, [post(0, HUBS[0], kind), ready]).run()
    assert set(world.states()) == {State.VERIFIED}


async def test_nothing_begins_while_the_kill_switch_is_on_and_all_goes_on_in_order_after_it() -> (
    None
):
    seen: dict[str, Any] = {}

    async def on(world: World) -> None:
        assert isinstance(world, Held)
        await world.use.switch.turn(on=True, reason="a test")

    async def off(world: World) -> None:
        assert isinstance(world, Held)
        seen["states"] = world.states()
        seen["effects"] = list(world.hubs[0].effects)
        with pytest.raises(RequestRefused) as refused:
            await release(
                world.bulk.actions, world.use.switch, world.change("change-1").id, window=True
            )
        seen["code"] = refused.value.first.code
        await world.use.switch.turn(on=False, reason=None)

    began = Boundary().now

    def stood_still(world: World) -> bool:
        return world.boundary.now > began + timedelta(hours=1)

    changes = [post(n, HUBS[0], kind) for n, kind in enumerate(("id", "id", "account"), start=1)]
    script = [Ask(on), *changes, Ask(off, when=stood_still)]
    world = await Held({}, script, stops=True).run()
    assert set(seen["states"]) == {State.HELD}
    assert (seen["effects"], seen["code"]) == ([], "kill-switch-on")
    assert set(world.states()) == {State.VERIFIED}
    assert world.hubs[0].effects[:2] == ["change-1", "change-2"]


async def test_a_window_of_a_rule_holds_a_change_until_it_opens() -> None:
    windows = [{"opens": "03:00", "closes": "04:00"}]
    rules = [{"name": "night", "sources": ["*"], "windows": windows, "decision": "allow"}]
    world = await Held({"rules": rules}, [post(1, HUBS[0], "id")]).run()
    [change] = world.operations.all()
    at = {step.state: step.at for step in change.timeline}
    assert (at[State.HELD].hour, at[State.VERIFIED].hour) == (0, 3)
