"""The timer asks for each rotation once and forgets none, whatever dies, fails or comes twice."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulation.boundary import Boundary, Mishap
from simulation.fleet import RETRY_AFTER, TICK_EVERY, Fleet

from shared.changes.states import State
from shared.register.document import DeviceAccountDocument, Schedule, Window
from shared.register.entry import EntryState
from shared.register.schedule import window_end
from shared.register.tick import LOOKED_AFTER

NIGHT = Window(opens="22:00", closes="06:00", timeZone="Europe/Berlin")
NOON = Window(opens="08:00", closes="16:00")
DAYS = 5
A_SECOND = timedelta(seconds=1)


def account(number: int, window: Window | None = NIGHT, days: int = 1) -> DeviceAccountDocument:
    return DeviceAccountDocument(
        account=f"room-{number}@contoso.com",
        family="directoryOnly",
        schedule=Schedule(everyDays=days, window=window),
    )


def play(
    documents: list[DeviceAccountDocument],
    mishaps: dict[int, Mishap] | None = None,
    *,
    edits: list[tuple[float, DeviceAccountDocument]] = (),  # type: ignore[assignment]
    failing: int = 0,
    seed: int = 0,
    days: int = DAYS,
) -> Fleet:
    """Let the days go by, and check what came of them."""
    boundary = Boundary(mishaps=dict(mishaps or {}))
    at = [(boundary.now + timedelta(hours=hours), document) for hours, document in edits]
    fleet = Fleet(boundary, documents, edits=at, failing=failing, seed=seed)
    asyncio.run(fleet.run(days))
    check(fleet, documents, edited=bool(edits))
    return fleet


def check(fleet: Fleet, documents: list[DeviceAccountDocument], *, edited: bool) -> None:
    now = fleet.boundary.now
    marked = fleet.operations.marks.values()
    assert all(at > now - 2 * TICK_EVERY for at in marked), "accepted and never queued"
    entries = {entry.document.account: entry for entry in fleet.register.entries()}
    assert entries.keys() == {document.account for document in documents}
    for name, entry in entries.items():
        rotations = fleet.ended_of.get(name, [])
        asked = [
            each for each in fleet.operations.all() if each.request["target"]["account"] == name
        ]
        assert len(asked) - len(rotations) in (0, 1), "no two are under way"
        for rotation in rotations:
            opens, closes = rotation.window
            assert opens is not None
            assert opens <= rotation.accepted_at
            assert closes is None or rotation.accepted_at < closes
            if not edited:
                assert closes == window_end(entry.document, opens)
        for one, next_one in itertools.pairwise(rotations):
            assert next_one.accepted_at > one.updated_at, "one at a time"
            least = timedelta(hours=15) if one.state is State.VERIFIED else RETRY_AFTER - A_SECOND
            since = next_one.accepted_at - one.updated_at
            assert edited or since > least, "as often as its schedule says"
        assert entry.due is not None
        assert entry.due > now - LOOKED_AFTER - 2 * TICK_EVERY or entry.under_way, "forgotten"
        verified = [each for each in rotations if each.state is State.VERIFIED]
        if verified and not entry.under_way and entry.operation == verified[-1].id:
            assert entry.verified_at == verified[-1].updated_at
            assert entry.state is EntryState.VERIFIED
        assert edited or verified, "never verified"


def test_accounts_are_rotated_as_often_as_their_schedule_says() -> None:
    fleet = play([account(1), account(2, None), account(3, NOON, days=2)], days=10)
    counts = {name: len(rotations) for name, rotations in sorted(fleet.ended_of.items())}
    assert counts["room-1@contoso.com"] in (8, 9, 10)
    assert counts["room-2@contoso.com"] in (8, 9, 10)
    assert counts["room-3@contoso.com"] in (4, 5)


TWO = [account(1, NOON), account(2, None)]


def calls() -> list[int]:
    """The calls of two accounts' days, without those of a timer that finds nothing to do."""
    names = play(TWO, failing=1, days=4).boundary.names
    return [
        number
        for number, (name, next_name) in enumerate(itertools.pairwise([*names, ""]))
        if (name, next_name) != ("register.due", "register.due")
    ]


def test_a_mishap_at_a_call_makes_no_rotation_twice_and_none_forgotten() -> None:
    found = calls()
    assert len(found) > 80
    for number, mishap in zip(found[::2], itertools.cycle(Mishap), strict=False):
        fleet = play(TWO, {number: mishap}, failing=1, days=4)
        assert fleet.boundary.happened == {mishap: 1}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mishap", Mishap)
def test_every_mishap_at_every_call_makes_no_rotation_twice_and_none_forgotten(
    mishap: Mishap,
) -> None:
    for number in calls():
        play(TWO, {number: mishap}, failing=1, days=4)


MISHAPS = st.dictionaries(st.integers(0, 400), st.sampled_from(Mishap), max_size=10)
WINDOWS = st.sampled_from([NIGHT, NOON, None])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    windows=st.lists(WINDOWS, min_size=1, max_size=3),
    edits=st.lists(st.tuples(st.floats(1, 90), WINDOWS), max_size=3),
    mishaps=MISHAPS,
    failing=st.integers(0, 2),
    seed=st.integers(0, 1 << 30),
)
def test_random_days_make_no_rotation_twice_and_none_forgotten(
    windows: list[Window | None],
    edits: list[tuple[float, Window | None]],
    mishaps: dict[int, Mishap],
    failing: int,
    seed: int,
) -> None:
    documents = [account(number, window) for number, window in enumerate(windows)]
    changed = [(hours, account(0, window)) for hours, window in sorted(edits, key=lambda e: e[0])]
    play(documents, mishaps, edits=changed, failing=failing, seed=seed)
