"""A message whose lock is lost is given to another, while the first, late, still works on it."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from simulation.boundary import Boundary, Mishap
from simulation.now import now
from simulation.rooms import Hub, Rooms
from simulation.rotations import HUBS, ROTATE, Scenario
from simulation.tenant import Device, Tenant
from simulation.world import Ask, World

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.deadletters.redrive import Result
from shared.messaging.instructions import Done, Reject, Rejected
from shared.messaging.messages import CHANGES, Nudge
from shared.processing.turn import Turn
from shared.records.ports import Overtaken
from shared.register.document import DeviceReference

FIRST = "Initial-Password-1"
PATCH = {
    "operation": "patchDevice",
    "target": {"deviceId": HUBS[1]},
    "set": {"extensionAttributes": {"extensionAttribute1": "x"}},
}


class Play:
    """An account of two devices, of which the register takes the first away after a crash.

    A change of the second device is asked for once a twin that was late has gone on. Neither device
    ever answers, so that the rotation is held in the end.
    """

    def __init__(self, mishaps: dict[int, Mishap]) -> None:
        boundary = Boundary(dict(mishaps))
        scenario = Scenario(outcomes=(("pending",), ("pending",)))
        hubs = [Hub(hub, FIRST, ["pending"]) for hub in HUBS]
        self.rooms = Rooms(boundary, scenario.document, hubs)
        tenant = Tenant(boundary, [Device("0" * 8, HUBS[1], HUBS[1])])
        script = [ROTATE, Ask(self._edit, self._has_crashed), Ask(self._patch, self._was_late)]
        self.world = World(boundary, tenant, script, rooms=self.rooms)
        self._hangs: datetime | None = None
        self._taken_away, boundary.lock_lost = boundary.lock_lost, self._lock_lost
        asyncio.run(self.world.run())
        self.calls = boundary.names

    def operation(self, key: str) -> Operation:
        """The one that was asked for with this key."""
        return next(each for each in self.world.operations.all() if each.key == key)

    def _lock_lost(self, work: "asyncio.Task[None]") -> None:
        self._hangs = self.world.boundary.now
        self._taken_away(work)

    def _has_crashed(self, world: World) -> bool:
        return bool(world.boundary.happened[Mishap.CRASH_AFTER])

    async def _edit(self, _: World) -> None:
        entry, second = self.rooms.entry, DeviceReference(managedDeviceId=HUBS[1])
        document = entry.document.model_copy(update={"devices": (second,)})
        self.rooms.entry = replace(entry, document=document)

    def _was_late(self, world: World) -> bool:
        return bool(self._hangs) and world.boundary.now > self._hangs + timedelta(seconds=25)

    async def _patch(self, world: World) -> Any:
        await world._intake.accept(json.dumps(PATCH).encode(), source="http", key="patch")


@pytest.mark.parametrize("hangs_at", ["register.get", "first leave", "second leave"])
def test_one_that_is_late_takes_nobody_out_of_the_lines_of_its_twin(hangs_at: str) -> None:
    calls = Play({}).calls
    stands = calls.index("lines.enter", calls.index("devices.find"))
    crashed = {stands: Mishap.CRASH_AFTER}
    calls = Play(crashed).calls
    leave = calls.index("lines.leave", stands)
    numbers = {
        "register.get": calls.index("register.get", stands),
        "first leave": leave,
        "second leave": calls.index("lines.leave", leave + 1),
    }
    play = Play(crashed | {numbers[hangs_at]: Mishap.LOCK_LOST})
    assert play.world.boundary.happened == {Mishap.CRASH_AFTER: 1, Mishap.LOCK_LOST: 1}
    rotation, patch = play.operation("r1"), play.operation("patch")
    assert [device["id"] for device in (rotation.progress or {})["devices"]] == [HUBS[1]]
    assert (rotation.state, patch.state) == (State.HELD, State.ACCEPTED)
    assert patch.waiting_for == rotation.id


def accepted(*keys: str) -> World:
    """A world in which changes of one device are accepted, and their messages not yet taken."""
    boundary = Boundary()
    world = World(boundary, Tenant(boundary, [Device("0" * 8, HUBS[1], HUBS[1])]), [])
    for key in keys:
        now(world, world._intake.accept(json.dumps(PATCH).encode(), source="http", key=key))
    return world


def test_one_that_is_late_does_not_carry_on_what_its_twin_left_waiting() -> None:
    world = accepted("p1", "p2")
    processor = world._messages.processor
    before, waiting = sorted(world.operations.all(), key=lambda o: o.key or "")
    nudge = Nudge(waiting.id, 0)
    assert now(world, processor.process(nudge, "its message")) == Done()
    known = now(world, world.operations.get(waiting.id))
    assert known
    late = processor.begin(known)
    assert now(world, processor.process(nudge, "its message")) == Done()
    now(world, world.lines.leave(before.device, before.id, before.turn))
    with pytest.raises(Overtaken):
        now(world, late.run())


def test_what_fails_late_has_a_letter_although_its_message_was_redriven_meanwhile() -> None:
    world = accepted("p1")
    [operation], [message] = world.operations.all(), world.broker.entries
    late = Turn(world._messages.processor.use, replace(operation, carried_by=message.message.id))
    message.dead = True  # The host gave up on it.
    assert now(world, world._redriver.redrive(CHANGES)) == [(operation.id, Result.REDRIVEN)]
    now(world, late.fail("graph-403", "Refused."))
    [redriven] = world.broker.entries
    with pytest.raises(Rejected):
        now(world, world._messages.handle(redriven.received()))


def test_a_failure_of_which_no_message_is_known_belongs_to_whichever_comes() -> None:
    world = accepted("p1")
    [operation], processor = world.operations.all(), world._messages.processor
    now(world, Turn(processor.use, operation).fail("graph-403", "Refused."))
    came = now(world, processor.process(Nudge(operation.id, 0), "any"))
    assert came == Reject("graph-403", "Refused.")
