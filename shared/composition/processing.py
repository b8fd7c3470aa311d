"""Messages on `changes`: which turn carries an operation on."""

from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.bulks import bulk
from shared.composition.policies import clearance
from shared.composition.rotations import rotating
from shared.composition.services import sender, settings
from shared.composition.stores import ended, lines, operations
from shared.composition.ways_in import graph

if TYPE_CHECKING:
    from shared.changes.operation import Operation
    from shared.processing.messages import ChangesMessages
    from shared.processing.turn import Turn


@cache
def changes_messages() -> "ChangesMessages":
    """The use case of messages on `changes`."""
    from shared.bulk.turn import BulkTurn
    from shared.processing.attempt import Attempt
    from shared.processing.dependencies import Dependencies
    from shared.processing.messages import ChangesMessages
    from shared.processing.plan_turn import PlanTurn
    from shared.processing.process import Processor

    use = Dependencies(
        operations=operations(),
        lines=lines(),
        graph=graph(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=settings().patience,
        clearance=clearance(),
    )

    def begin(operation: "Operation") -> "Turn":
        if operation.is_bulk:
            return BulkTurn(bulk(), operation)
        if operation.to_be_planned:
            return PlanTurn(use, operation)
        if operation.request["operation"] != "rotateDeviceAccount":
            return Attempt(use, operation)
        from shared.rotation.rotation import Rotation

        return Rotation(rotating(), operation)

    return ChangesMessages(Processor(use, begin))
