"""Cancel: a change that is not written never will be; one that is held may be given up."""

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.processing.settle import settle


async def cancel(use: Dependencies, change: str, *, abandon: bool = False) -> Operation:
    """End the change `cancelled`, let the next of its device go on, and publish it.

    With `abandon` also one that a person was asked about, whatever it has written: what is on
    record of it stays, and nobody does anything about it any more.

    Doing it again does nothing but finish what was interrupted. Raises RequestRefused: 404, or
    409 `not-cancellable`.
    """

    def decision(operation: Operation) -> Operation:
        if operation.state is State.CANCELLED:
            return operation
        if operation.state.ended:
            raise conflict("not-cancellable", f"The change has ended: it is {operation.state}.")
        if operation.write_may_be_out and not (abandon and operation.awaits_person):
            detail = (
                'Its write may have reached Graph. {"abandon": true} gives up one that is held.'
            )
            raise conflict("not-cancellable", detail)
        given_up = "abandoned" if operation.write_may_be_out else ""
        return operation.moved(State.CANCELLED, use.clock(), given_up)

    operation = await decide(use, change, decision)
    await settle(use, operation)
    return operation
