"""The end of a change: let the next one of its device go on, and say what became of it.

Everything here is safe to repeat: it runs again whenever a crash, or the redelivery of a rejected
message, brings an ended operation back.
"""

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.messages import nudge, outcome
from shared.processing.dependencies import Dependencies
from shared.records.ports import Line


async def first_in_line(use: Dependencies, line: Line) -> Operation | None:
    """The first of the line that has not ended; those who have are led out of it.

    An ended one still stands there when a repeated request put it back, or when the host gave up
    on its last message: nobody may wait for it.
    """
    while line.operations:
        first = await use.operations.get(line.operations[0])
        if first and not first.state.ended:
            return first
        line = await use.lines.leave(line.device, line.operations[0])
    return None


async def settle(use: Dependencies, operation: Operation) -> Instruction:
    """Finish with an ended operation; Reject for a failed one, whose reason is recorded by now."""
    await _wake_next(use, operation)
    await use.sender.send(outcome(operation))
    if operation.state is State.FAILED and operation.failure:
        return Reject(operation.failure.code, operation.failure.detail)
    return Done()


async def _wake_next(use: Dependencies, operation: Operation) -> None:
    line = await use.lines.leave(operation.device, operation.id)
    if following := await first_in_line(use, line):
        again = f"after-{operation.id}.{operation.turn}"
        await use.sender.send(nudge(following, again=again))
