"""A bulk change on record: what was asked, and how far it has come.

It is an operation of its own, so that turns, messages, windows, actions and dead letters are what
they are for every change. Its children are the operations that it makes, one for each target.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from shared.bulk.request import BulkRequest
from shared.changes.operation import BULK, Json, Operation
from shared.changes.request import canonical
from shared.changes.states import State
from shared.intake.accept import operation_id

LANE = "bulk"
"""The session of all bulk changes: one is at work at a time, and none of them in a device's way."""
HALTED = "too-many-failures"
"""The code that a bulk change is held with when more of its targets fail than are allowed to."""
_OF_ALL = ("notBefore", "notAfter", "reason", "ticket")
"""Members that are the bulk change's as well; the ticket is its alone."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk change has come, by the number of its targets.

    The first `begun` may be made, and that is on record before any of them is. The first `made`
    are known to be on record themselves. `counted` has the ends of each block of targets, as they
    were last counted, see `shared.bulk.count`. `failure_share` is the bound, 0 to 1. When
    `cancelling`, no more are begun, and those that can be are cancelled.
    """

    failure_share: float
    begun: int = 0
    made: int = 0
    counted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cancelling: bool = False

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """The progress on record."""
        return cls(**(operation.progress or {}))

    def on(self, operation: Operation, **changes: Any) -> Operation:
        """The operation with this progress, changed so."""
        return replace(operation, progress=asdict(replace(self, **changes)))


def new_bulk(request: BulkRequest, source: str, key: str | None, now: datetime) -> Operation:
    """The record of a bulk change that is asked for now."""
    bulk = operation_id(source, key)
    asked = canonical(request.first)
    opens = request.first.notBefore
    operation = Operation(
        id=bulk,
        source=source,
        key=key,
        fingerprint=request.fingerprint,
        request={
            "operation": BULK,
            "change": {name: said for name, said in request.change.items() if name != "ticket"},
            "targets": len(request.targets),
            "canary": min(request.bounds.canary, len(request.targets)),
            **{name: asked[name] for name in _OF_ALL if name in asked},
        },
        device=f"bulk:{bulk}",
        lane=LANE,
        state=State.ACCEPTED,
        accepted_at=now,
        updated_at=now,
        due_at=opens if opens and opens > now else None,
        progress=asdict(Progress(request.bounds.failureShare)),
    ).moved(State.ACCEPTED, now)
    return operation.moved(State.HELD, now, "not before") if operation.due_at else operation


def size(operation: Operation) -> int:
    """How many targets it has."""
    return int(operation.request["targets"])


def child_key(bulk: str, index: int) -> str:
    """What the change for a target is called by the bulk change that it is a part of."""
    return f"{bulk}:{index}"


def child_id(bulk: str, index: int) -> str:
    """The id of the change for a target, whether it has been made or not."""
    return operation_id(BULK, child_key(bulk, index))


def change_of(operation: Operation) -> Json:
    """What is asked for each target."""
    return dict(operation.request["change"])
