"""Release: a change that is held goes on now."""

from dataclasses import replace

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.messages import nudge


async def release(use: Dependencies, change: str, *, window: bool) -> Operation:
    """Let the change go on; one that waits for its window only if `window` says so.

    One that waits for an approval repeats the write that was approved. Raises RequestRefused:
    404, or 409 `not-releasable` or `window-not-open`.
    """

    def decision(operation: Operation) -> Operation:
        if operation.state is not State.HELD:
            raise conflict("not-releasable", f"The change is not held: it is {operation.state}.")
        at_its_time = not operation.awaits_approval and not operation.awaits_person
        if at_its_time and not window:
            detail = 'Its window is not open yet; {"window": true} releases it all the same.'
            raise conflict("window-not-open", detail)
        released = operation.moved(State.ACCEPTED, use.clock(), "released")
        return replace(released, attempts=0, failure=None)

    operation = await decide(use, change, decision)
    # Its place first: a change that is accepted later must not get ahead with a quicker message.
    await use.lines.enter(operation.device, operation.id)
    await use.sender.send(nudge(operation))
    return operation
