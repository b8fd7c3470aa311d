"""Release: a change that is held goes on now."""

from dataclasses import replace

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.messages import nudge
from shared.policy.kill_switch import Stop


async def release(use: Dependencies, stop: Stop, change: str, *, window: bool) -> Operation:
    """Let the change go on; one that waits for its time only if `window` says so.

    One that waits for an approval repeats the write that was approved; one that the policy held
    is still held until `notBefore`. Raises RequestRefused: 404, or 409 `not-releasable`,
    `window-not-open` or `kill-switch-on`.
    """
    if await stop.on():
        detail = "The kill switch is on, and nothing begins: python -m cli brake show."
        raise conflict("kill-switch-on", detail)

    def decision(operation: Operation) -> Operation:
        if operation.state is not State.HELD:
            raise conflict("not-releasable", f"The change is not held: it is {operation.state}.")
        at_its_time = not operation.awaits_approval and not operation.awaits_person
        if at_its_time and not window:
            detail = 'It goes on at dueAt; {"window": true} releases it now all the same.'
            raise conflict("window-not-open", detail)
        now = use.clock()
        said = operation.decision
        released = replace(
            operation.moved(State.ACCEPTED, now, "released"),
            attempts=0,
            failure=None,
            decision=said and replace(said, released_at=now),
        )
        opens, _ = operation.window
        if window or operation.submission or opens is None or opens <= now:
            return released
        return replace(released.moved(State.HELD, now, "not before"), due_at=opens)

    operation = await decide(use, change, decision)
    if operation.due_at is None:
        # Its place first: a change that is accepted later must not get ahead with a quicker
        # message.
        await use.lines.enter(operation.device, operation.id)
    await use.sender.send(nudge(operation, at=operation.due_at))
    return operation
