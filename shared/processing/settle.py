"""The end of a change: let the next one of its device go on, and say what became of it.

Everything here is safe to repeat: it runs again whenever a crash, or the redelivery of a rejected
message, brings an ended operation back.
"""

from collections.abc import Sequence

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.changes.targets import address_of
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.messages import nudge, outcome
from shared.processing.dependencies import Dependencies


async def first_in_line(use: Dependencies, device: str, line: Sequence[str]) -> Operation | None:
    """The first of the line that has not ended; those who have are led out of it.

    An ended one still stands there when a repeated request put it back, or when the host gave up
    on its last message: nobody may wait for it.
    """
    while line:
        first = await use.operations.get(line[0])
        if first and not first.state.ended:
            return first
        line = await use.lines.leave(device, line[0])
    return None


async def settle(use: Dependencies, operation: Operation) -> Instruction:
    """Finish with an ended operation; Reject for a failed one, whose reason is recorded by now."""
    for device in sorted({address_of(operation.request["target"]), operation.device}):
        await leave_line(use, operation, device)
    await use.sender.send(outcome(operation))
    if operation.state is State.FAILED and operation.failure:
        return Reject(operation.failure.code, operation.failure.detail)
    return Done()


async def leave_line(use: Dependencies, operation: Operation, device: str) -> None:
    """Step out of the line of `device`, and wake who is first in it now."""
    line = await use.lines.leave(device, operation.id)
    if following := await first_in_line(use, device, line):
        # One may be woken from two lines; the state tells the wakings apart.
        again = f"after-{operation.id}.{operation.turn}.{operation.state}"
        await use.sender.send(nudge(following, again=again))
