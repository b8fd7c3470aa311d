"""A person's decision on a change, against whatever else happens to it.

    extra message for later ──> record (compare and swap) ──> what follows from it

The record decides who was first, the person or the change. The message is sent before, so that a
crash behind the record is made good: an extra one does no harm. A decision makes the next turn,
so that a message which was scheduled before finds itself late, however far away its time is.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.changes.operation import Operation
from shared.changes.problems import Problem, RequestRefused
from shared.clock import Clock
from shared.messaging.messages import Sender, nudge
from shared.processing.settle import Ended, give_way
from shared.records.ports import Lines, Operations, Overtaken
from shared.telemetry.metrics import moved

_LATER = timedelta(seconds=30)
_UNKNOWN = Problem("unknown-change", "", "There is no change with this id.")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the actions reach the world through."""

    operations: Operations
    lines: Lines
    sender: Sender
    clock: Clock
    ended: Ended


async def known(use: Dependencies, change: str, *, bulk: bool = False) -> Operation:
    """The record of the change with this id, or of the bulk change. Raises RequestRefused (404)."""
    operation = await use.operations.find(change)
    if operation and operation.is_bulk is bulk:
        return operation
    raise RequestRefused(404, [_UNKNOWN])


async def decide(
    use: Dependencies,
    change: str,
    decision: Callable[[Operation], Operation],
    *,
    bulk: bool = False,
) -> Operation:
    """Write what `decision` makes of the record as its next turn, unless it leaves it as it is.

    Asked again when the record changes meanwhile. Raises RequestRefused: 404, or as `decision`.
    """
    while True:
        operation = await known(use, change, bulk=bulk)
        decided = decision(operation)
        if decided is operation:
            return operation
        if operation.held_by_policy:
            # A crash may have cut it short before it did, and its message is late from here on.
            await give_way(use, operation)
        # A time that it waited for is over, unless the decision sets another one.
        due_at = None if decided.due_at == operation.due_at else decided.due_at
        decided = replace(decided, turn=operation.turn + 1, due_at=due_at, waiting_for=None)
        again = f"decided-{uuid.uuid4().hex[:8]}"
        await use.sender.send(nudge(decided, at=use.clock() + _LATER, again=again))
        try:
            saved = await use.operations.save(decided)
        except Overtaken:
            continue
        moved(operation, saved)
        return saved


def conflict(code: str, detail: str) -> RequestRefused:
    """The refusal of an action that the state of the change does not allow."""
    return RequestRefused(409, [Problem(code, "", detail)])
