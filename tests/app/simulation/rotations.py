"""Rotations to play: what the directory and the devices do, and how each has to end."""

import asyncio

from shared.changes.states import State
from shared.register.document import DeviceAccountDocument, DeviceReference
from shared.register.entry import EntryState
from simulation.boundary import Boundary, Mishap
from simulation.rooms import Hub, Rooms
from simulation.tenant import Tenant
from simulation.world import Post, World

ACCOUNT = "room-17@contoso.com"
HUBS = ("aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002")
ROTATE = Post("r1", {"operation": "rotateDeviceAccount", "target": {"account": ACCOUNT}})


class Scenario:
    """What is special about the devices and the directory, and how it has to end.

    `outcomes` are those of each device's actions; `rejecting` passwords are not taken at first.
    """

    def __init__(
        self,
        ends: State = State.VERIFIED,
        *,
        outcomes: tuple[tuple[str, ...], ...] = (("done",),),
        rejecting: int = 0,
        **members: object,
    ) -> None:
        self.ends, self.outcomes, self.rejecting = ends, outcomes, rejecting
        hubs = tuple(DeviceReference(managedDeviceId=hub) for hub in HUBS[: len(outcomes)])
        given = {"account": ACCOUNT, "family": "surfaceHub", "devices": hubs} | members
        self.document = DeviceAccountDocument.model_validate(given)

    def play(self, mishaps: dict[int, Mishap]) -> tuple[World, Rooms]:
        boundary = Boundary(mishaps)
        hubs = [
            Hub(hub, "Initial-Password-1", list(outcomes))
            for hub, outcomes in zip(HUBS, self.outcomes, strict=False)
        ]
        rooms = Rooms(boundary, self.document, hubs)
        rooms.rejecting = self.rejecting
        world = World(boundary, Tenant(boundary, []), [ROTATE], rooms=rooms)
        asyncio.run(world.run())
        return world, rooms


SCENARIOS = {
    "one device": Scenario(),
    "two devices": Scenario(outcomes=(("done",), ("done",))),
    "no device": Scenario(outcomes=(), family="directoryOnly"),
    "the directory rejects a password": Scenario(rejecting=1),
    "the device fails once": Scenario(outcomes=(("failed", "done"),)),
    "the device does not know how": Scenario(
        State.REVERSED, outcomes=(("notsupported",),), whenUnconfirmed="reverse"
    ),
    "Intune refuses the action": Scenario(
        State.REVERSED, outcomes=(("forbidden",),), whenUnconfirmed="reverse"
    ),
    "one of two devices never answers": Scenario(
        State.REVERSED,
        outcomes=(("done",), ("pending",)),
        whenUnconfirmed="reverse",
        confirmWithinHours=1.0,
    ),
    "the device never answers": Scenario(
        State.HELD, outcomes=(("pending",),), confirmWithinHours=1.0
    ),
}


def check(scenario: Scenario, world: World, rooms: Rooms) -> None:
    (operation,) = world.operations.all()
    assert rooms.wrong == [], rooms.wrong
    assert rooms.overlaps == [], f"overlaps: {rooms.overlaps}"
    assert operation.state is scenario.ends, operation.timeline
    assert len(set(rooms.minted) & rooms.kept) <= 1 + scenario.rejecting
    proven = operation.state is State.VERIFIED
    assert len(rooms.secrets[rooms.entry.secret_name]) == 1 + proven, "promoted twice"
    held = operation.state is State.HELD
    assert not world.broker.entries
    assert not world.operations.marks
    assert [list(line) for line in world.lines.lines.values() if line] == (
        [[operation.id]] * 2 if held else []
    )
    told = [message.subject for message in world.broker.outcomes]
    assert told == [operation.state]
    if held:
        return
    confirmed = [hub for hub in rooms.hubs.values() if hub.outcomes != ["pending"]]
    assert {hub.password for hub in confirmed} <= {rooms.password}
    assert rooms.current == rooms.password
    verified = operation.state is State.VERIFIED
    assert (rooms.password == "Initial-Password-1") is not verified
    assert rooms.entry.state is (EntryState.VERIFIED if verified else EntryState.REVERSED)
    assert rooms.entry.operation == operation.id


def play_and_check(name: str, mishaps: dict[int, Mishap]) -> World:
    """Play the scenario; how it ended wrong says which mishaps there were."""
    scenario = SCENARIOS[name]
    world, rooms = scenario.play(mishaps)
    try:
        check(scenario, world, rooms)
    except AssertionError as error:
        names = world.boundary.names
        told = [f"{mishap} at {call}, {names[call]}" for call, mishap in mishaps.items()]
        error.add_note(f"{name}: {told}")
        raise
    return world
