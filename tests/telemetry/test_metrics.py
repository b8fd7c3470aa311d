"""How long a change waited in its lane, as the steps of its record tell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.telemetry.measurement import LANE_WAIT, Measurement
from shared.telemetry.metrics import moved
from shared.telemetry.outbox import OUTBOX
from shared.telemetry.span import Span

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ACCEPTED = Operation(
    id="1",
    source="tests",
    key=None,
    fingerprint="",
    request={"operation": "patchDevice"},
    device="device",
    lane="directory-07",
    state=State.ACCEPTED,
    accepted_at=NOON,
    updated_at=NOON,
)


class Waits:
    """An exporter that keeps the waits in lanes."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def span(self, _: Span) -> None:
        """Of no interest."""

    def measured(self, measurement: Measurement) -> None:
        if measurement.metric is LANE_WAIT:
            self.told.append((measurement.dimensions["lane"], measurement.value))


@pytest.fixture
def waits() -> Iterator[Waits]:
    recorder = Waits()
    OUTBOX.deliver_to(recorder)
    yield recorder
    OUTBOX.close()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("begun", [State.APPLYING, State.UNCHANGED])
def test_a_change_has_waited_from_its_acceptance_until_it_began(waits: Waits, begun: State) -> None:
    moved(ACCEPTED, ACCEPTED.moved(begun, after(40)))
    assert waits.told == [("directory-07", 40)]


def test_one_that_others_of_its_device_went_before_has_waited_all_the_while(waits: Waits) -> None:
    behind = replace(ACCEPTED, waiting_for="another")
    moved(ACCEPTED, behind)
    moved(behind, behind.moved(State.APPLYING, after(60)))
    assert waits.told == [("directory-07", 60)]


def test_one_with_a_window_has_waited_from_when_that_opened(waits: Waits) -> None:
    held = replace(ACCEPTED.moved(State.HELD, NOON), due_at=after(3600))
    moved(held, held.moved(State.APPLYING, after(3605)))
    assert waits.told == [("directory-07", 5)]


def test_one_that_comes_again_has_waited_from_when_it_was_due(waits: Waits) -> None:
    again = replace(ACCEPTED, due_at=after(300), turn=1)
    moved(again, again.moved(State.APPLYING, after(302)))
    assert waits.told == [("directory-07", 2)]


def test_one_that_was_released_has_waited_since(waits: Waits) -> None:
    held = ACCEPTED.moved(State.HELD, after(1))
    released = held.moved(State.ACCEPTED, after(7200))
    moved(held, released)
    moved(released, released.moved(State.APPLYING, after(7201)))
    assert waits.told == [("directory-07", 1)]


def test_one_that_never_began_has_no_wait_and_one_that_has_begun_no_second(waits: Waits) -> None:
    moved(None, ACCEPTED)
    moved(ACCEPTED, ACCEPTED.moved(State.CANCELLED, after(5)))
    applying = ACCEPTED.moved(State.APPLYING, after(5))
    applied = applying.moved(State.APPLIED, after(6))
    moved(applying, applied)
    moved(applied, applied.moved(State.APPLYING, after(60), "taken back"))
    assert waits.told == []


def test_a_clock_that_is_behind_makes_no_wait_below_nothing(waits: Waits) -> None:
    moved(ACCEPTED, ACCEPTED.moved(State.APPLYING, after(-1)))
    assert waits.told == [("directory-07", 0)]
