"""What is kept in Table Storage, and who is told of an end."""

from functools import cache
from typing import TYPE_CHECKING

from shared.composition.services import settings, tables

if TYPE_CHECKING:
    from shared.changes.operation import Operation
    from shared.processing.settle import Ended
    from shared.records.bookmark import TableBookmark
    from shared.records.bulk_results import TableTargetResults
    from shared.records.bulk_targets import TableTargets
    from shared.records.held import TableHeld
    from shared.records.lines import TableLines
    from shared.records.operations import TableOperations
    from shared.records.policy_cells import TableCells
    from shared.records.refusals import TableRefusals
    from shared.records.register import TableRegister


@cache
def operations() -> "TableOperations":
    """The records of all changes."""
    from shared.records.operations import TableOperations

    return TableOperations(tables())


@cache
def lines() -> "TableLines":
    """The lines of the devices."""
    from shared.records.lines import TableLines

    return TableLines(tables())


@cache
def target_results() -> "TableTargetResults":
    """What became of the targets of bulk changes."""
    from shared.records.bulk_results import TableTargetResults

    return TableTargetResults(tables())


@cache
def bulk_targets() -> "TableTargets":
    """The targets of bulk changes."""
    from shared.records.bulk_targets import TableTargets

    return TableTargets(tables())


@cache
def refusals() -> "TableRefusals":
    """The messages that never became a change."""
    from shared.records.refusals import TableRefusals

    return TableRefusals(tables())


@cache
def register() -> "TableRegister":
    """The device accounts whose passwords are rotated."""
    from shared.records.register import TableRegister

    return TableRegister(tables())


@cache
def policy_cells() -> "TableCells":
    """What the policy counts, and its kill switch."""
    from shared.records.policy_cells import TableCells

    return TableCells(tables())


@cache
def held() -> "TableHeld":
    """The changes that the policy holds."""
    from shared.records.held import TableHeld

    return TableHeld(tables())


@cache
def ended() -> "Ended":
    """Whoever has to know that a change has ended."""
    from shared.bulk.child_ended import ChildEnded
    from shared.rotation.ended import RotationEnded

    listeners = (RotationEnded(register(), settings().rotation_retry), ChildEnded(target_results()))

    async def tell(operation: "Operation") -> None:
        for listener in listeners:
            await listener(operation)

    return tell


@cache
def reconciled() -> "TableBookmark":
    """How far the register was reconciled."""
    from shared.records.bookmark import TableBookmark

    return TableBookmark(tables(), "reconcile")
