"""Measuring: one value of a metric, with its dimensions."""

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.telemetry.measurement import (
    CHANGES_ATTEMPTS,
    CHANGES_DURATION,
    CHANGES_ENDED,
    CHANGES_MOVED,
    LANE_WAIT,
    Measurement,
    Metric,
)
from shared.telemetry.outbox import OUTBOX

_WAITING = frozenset({State.ACCEPTED, State.HELD})
_BEGUN = frozenset({State.APPLYING, State.UNCHANGED})


def measure(metric: Metric, value: float = 1, **dimensions: str) -> None:
    """Tell one value."""
    OUTBOX.measured(Measurement(metric, value, dimensions))


def moved(before: Operation | None, after: Operation) -> None:
    """A change came from one state to another; `before` is None for a new one."""
    if before and before.state is after.state:
        return
    state, operation = str(after.state), str(after.request["operation"])
    measure(CHANGES_MOVED, state=state, operation=operation)
    if before and before.state in _WAITING and after.state in _BEGUN:
        due = before.due_at or before.updated_at
        waited = max(0.0, (after.updated_at - due).total_seconds())
        measure(LANE_WAIT, waited, lane=after.lane)
    if after.state.ended and not (before and before.state.ended):
        code = after.failure.code if after.failure else ""
        measure(CHANGES_ENDED, state=state, operation=operation, code=code)
        measure(CHANGES_ATTEMPTS, after.turn + 1, operation=operation)
        seconds = (after.updated_at - after.accepted_at).total_seconds()
        measure(CHANGES_DURATION, seconds, state=state, operation=operation)
