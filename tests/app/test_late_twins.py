"""A message whose lock is lost is given to another, while the first, late, still works on it."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from simulation.boundary import Boundary, Mishap
from simulation.rooms import Hub, Rooms
from simulation.rotations import HUBS, ROTATE, Scenario
from simulation.tenant import Device, Tenant
from simulation.world import Ask, World

from shared.changes.states import State
from shared.register.document import DeviceReference

FIRST = "Initial-Password-1"
PATCH = {
    "operation": "patchDevice",
    "target": {"deviceId": HUBS[1]},
    "set": {"extensionAttributes": {"extensionAttribute1": "x"}},
}


class Play:
    """An account of two devices, of which the register takes the first away as a lock is lost.

    A change of the second device is asked for once the twin that is late has gone on; neither
    device ever answers, so that the rotation is held in the end.
    """

    def __init__(self, mishaps: dict[int, Mishap]) -> None:
        boundary = Boundary(dict(mishaps))
        scenario = Scenario(outcomes=(("pending",), ("pending",)))
        hubs = [Hub(hub, FIRST, ["pending"]) for hub in HUBS]
        self.rooms = Rooms(boundary, scenario.document, hubs)
        tenant = Tenant(boundary, [Device("0" * 8, HUBS[1], HUBS[1])])
        script = [ROTATE, Ask(self._patch, self._is_late)]
        self.world = World(boundary, tenant, script, rooms=self.rooms)
        self._hangs: datetime | None = None
        self._taken_away, boundary.lock_lost = boundary.lock_lost, self._lock_lost
        asyncio.run(self.world.run())
        rotation, self.patch = sorted(self.world.operations.all(), key=lambda o: o.key or "")[::-1]
        self.rotation = rotation
        self.calls = boundary.names

    def _lock_lost(self, work: "asyncio.Task[None]") -> None:
        self._hangs = self.world.boundary.now
        entry = self.rooms.entry
        document = entry.document.model_copy(
            update={"devices": (DeviceReference(managedDeviceId=HUBS[1]),)}
        )
        self.rooms.entry = replace(entry, document=document)
        self._taken_away(work)

    def _is_late(self, world: World) -> bool:
        late = self._hangs and world.boundary.now > self._hangs + timedelta(seconds=25)
        return bool(late) or not world.boundary.mishaps or not world.broker.entries

    async def _patch(self, world: World) -> Any:
        await world._intake.accept(json.dumps(PATCH).encode(), source="http", key="p1")


def test_one_that_is_late_takes_nobody_out_of_the_lines_of_its_twin() -> None:
    calls = Play({}).calls
    standing = calls.index("lines.enter", calls.index("devices.find"))
    crashed = {standing: Mishap.CRASH_AFTER}
    again = Play(crashed).calls.index("register.get", standing)
    play = Play(crashed | {again: Mishap.LOCK_LOST})
    assert play.world.boundary.happened == {Mishap.CRASH_AFTER: 1, Mishap.LOCK_LOST: 1}
    assert [device["id"] for device in (play.rotation.progress or {})["devices"]] == [HUBS[1]]
    assert (play.rotation.state, play.patch.state) == (State.HELD, State.ACCEPTED)
    assert play.patch.waiting_for == play.rotation.id
