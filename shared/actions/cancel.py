"""Cancel: a change that has not been written never will be."""

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.processing.settle import settle


async def cancel(use: Dependencies, change: str) -> Operation:
    """End the change `cancelled`, let the next of its device go on, and publish it.

    Doing it again does nothing but finish what was interrupted. Raises RequestRefused: 404, or
    409 `not-cancellable`.
    """

    def decision(operation: Operation) -> Operation:
        if operation.state is State.CANCELLED:
            return operation
        if operation.state.ended:
            raise conflict("not-cancellable", f"The change has ended: it is {operation.state}.")
        if operation.write_may_be_out:
            raise conflict("not-cancellable", "Its write may have reached Graph.")
        return operation.moved(State.CANCELLED, use.clock())

    operation = await decide(use, change, decision)
    await settle(use, operation)
    return operation
