"""Random histories of rotations: failing devices, rejected passwords, mishaps, and people."""

import asyncio
import random

from shared.changes.states import State
from simulation.boundary import Boundary, Mishap
from simulation.policy import ALLOWS_ALL, Policing
from simulation.rooms import Hub, Rooms
from simulation.rotations import ACCOUNT, HUBS, Scenario
from simulation.tenant import Tenant
from simulation.world import Decide, Post, Redrive, Step, World

OUTCOMES = ("done", "failed", "notsupported", "canceled", "pending", "gone")
DECISIONS = ("release", "reverse")
MOST_CALLS = 150
PROTECTED = {"protected": [{"name": "rooms", "accounts": [ACCOUNT], "decision": "hold"}]}


class History:
    """What is asked for, what happens, and what people decide before somebody mends the devices."""

    def __init__(
        self,
        *,
        outcomes: list[list[str]],
        rejecting: int,
        rotations: int,
        mishaps: dict[int, Mishap],
        decisions: list[str],
        when: str,
        guarded: bool = False,
    ) -> None:
        given = tuple(map(tuple, outcomes))
        family = "surfaceHub" if outcomes else "directoryOnly"
        self.scenario = Scenario(
            outcomes=given, family=family, whenUnconfirmed=when, confirmWithinHours=2.0
        )
        boundary = Boundary(dict(mishaps))
        hubs = [
            Hub(hub, "Initial-Password-1", each) for hub, each in zip(HUBS, outcomes, strict=False)
        ]
        self.rooms = Rooms(boundary, self.scenario.document, hubs)
        self.rooms.rejecting, self.rooms.rotations = rejecting, rotations
        posts = [
            Post(f"r{n}", {"operation": "rotateDeviceAccount", "target": {"account": ACCOUNT}})
            for n in range(rotations)
        ]
        mended = [Decide("release", self.mend), *[Decide("release")] * (rotations + 1)]
        self.script: list[Step] = [*posts, *map(Decide, decisions), *mended]
        policing = Policing(boundary, ALLOWS_ALL | (PROTECTED if guarded else {}))
        self.world = World(
            boundary,
            Tenant(boundary, []),
            self.script,
            rooms=self.rooms,
            policing=policing,
            letting_go=guarded,
        )

    def mend(self) -> None:
        """The devices work, and the directory takes every password."""
        self.rooms.rejecting = 0
        for hub in self.rooms.hubs.values():
            hub.outcomes = ["done"]
            hub.result = "failed" if hub.result == "gone" else hub.result

    def check(self) -> None:
        """Nothing was lost at any instant, and everything came to one true end."""
        rooms, world = self.rooms, self.world
        assert rooms.wrong == [], rooms.wrong
        assert rooms.overlaps == [], f"overlaps: {rooms.overlaps}"
        operations = world.operations.all()
        for operation in operations:
            assert operation.state in (State.VERIFIED, State.REVERSED, State.FAILED)
            if operation.state is State.FAILED:
                assert operation.failure
                assert operation.failure.code in ("password-rejected", "device-not-found")
        if Mishap.LOCK_LOST not in world.boundary.happened:
            # Its twin, late, may put one that has ended back in line: who comes next leads it out.
            assert not [line for line in world.lines.lines.values() if line]
        assert not world.operations.marks
        dead = {entry.message.correlation for entry in world.broker.dead}
        assert dead == {o.id for o in operations if o.state is State.FAILED}
        assert rooms.current == rooms.password
        verified = [o for o in operations if o.state is State.VERIFIED]
        assert (rooms.password == "Initial-Password-1") is not bool(verified)
        assert {hub.password for hub in rooms.hubs.values()} <= {rooms.password}
        tags = rooms.secrets[rooms.entry.secret_name][-1].tags
        assert not verified or tags["operation"] in {o.id for o in verified}

    def play(self) -> None:
        """Play it to its end, and check it."""
        asyncio.run(self.world.run())
        failed = {o.id for o in self.world.operations.all() if o.state is State.FAILED}
        if {entry.message.correlation for entry in self.world.broker.dead} - failed:
            # Service Bus takes a message away after as many mishaps: a person redrives it.
            self.script += [Redrive(), Decide("release")]
            asyncio.run(self.world.run())
        self.check()

    @classmethod
    def of(cls, seed: int) -> "History":
        """The history of this seed, always the same."""
        rng = random.Random(seed)
        hubs = rng.choice((0, 1, 1, 1, 2))
        calls = rng.sample(range(MOST_CALLS), rng.randint(0, 6))
        return cls(
            outcomes=[rng.choices(OUTCOMES, k=rng.randint(1, 4)) for _ in range(hubs)],
            rejecting=rng.choice((0, 0, 0, 1, 2, 4)),
            rotations=rng.randint(1, 3),
            mishaps={call: rng.choice(list(Mishap)) for call in calls},
            decisions=rng.choices(DECISIONS, k=rng.randint(0, 3)),
            when=rng.choice(("reverse", "hold")),
            guarded=rng.random() < 0.3,
        )
