"""Random histories of rotations: failing devices, rejected passwords, mishaps, and people."""

import asyncio
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulation.boundary import Boundary, Mishap
from simulation.rooms import Hub, Rooms
from simulation.rotations import ACCOUNT, HUBS, Scenario
from simulation.tenant import Tenant
from simulation.world import Decide, Post, Step, World

from shared.changes.states import State

_OUTCOMES = st.lists(
    st.sampled_from(["done", "failed", "notsupported", "canceled", "pending", "gone"]),
    min_size=1,
    max_size=4,
)
_MOST_CALLS = 150
_MISHAPS = st.dictionaries(st.integers(0, _MOST_CALLS), st.sampled_from(list(Mishap)), max_size=5)
_DECISIONS = st.lists(st.sampled_from(["release", "reverse"]), max_size=3)


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
        script: list[Step] = [*posts, *map(Decide, decisions), *mended]
        self.world = World(boundary, Tenant(boundary, []), script, rooms=self.rooms)

    def mend(self) -> None:
        """The devices work, and the directory takes every password."""
        self.rooms.rejecting = 0
        for hub in self.rooms.hubs.values():
            hub.outcomes = ["done"]
            hub.result = "failed" if hub.result == "gone" else hub.result

    def check(self) -> None:
        """Nothing was lost at any instant, and everything came to one true end."""
        rooms, world = self.rooms, self.world
        assert rooms.wrong == []
        assert rooms.overlaps == []
        operations = world.operations.all()
        for operation in operations:
            assert operation.state in (State.VERIFIED, State.REVERSED, State.FAILED)
            if operation.state is State.FAILED:
                assert operation.failure
                assert operation.failure.code in ("password-rejected", "device-not-found")
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


def play(history: History) -> None:
    asyncio.run(history.world.run())
    history.check()


histories = st.builds(
    History,
    outcomes=st.lists(_OUTCOMES, max_size=2),
    rejecting=st.integers(0, 4),
    rotations=st.integers(1, 3),
    mishaps=_MISHAPS,
    decisions=_DECISIONS,
    when=st.sampled_from(["reverse", "hold"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_no_history_loses_a_password(history: History) -> None:
    play(history)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("HISTORIES", "5000")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(histories)
def test_no_history_of_thousands_loses_a_password(history: History) -> None:
    play(history)
