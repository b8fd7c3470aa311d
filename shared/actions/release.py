"""Release: a change that is held goes on now."""

from dataclasses import replace
from datetime import datetime

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.messages import nudge
from shared.policy.kill_switch import Stop


async def release(use: Dependencies, stop: Stop, change: str, *, window: bool) -> Operation:
    """Let the change go on; one that waits for its time only if `window` says so.

    One that waits for an approval repeats the write that was approved; one that the policy held
    is still held until `notBefore`. Raises RequestRefused: 404, or 409 `not-releasable`,
    `window-not-open`, `plan-not-approved` or `kill-switch-on`.
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
        if operation.awaits_plan_approval:
            detail = "Only its ticket releases it: approved, and with the hash of the plan."
            raise conflict("plan-not-approved", detail)
        return let_go(operation, use.clock(), "released", window=window)

    operation = await decide(use, change, decision)
    await go_on(use, operation)
    return operation


def let_go(operation: Operation, now: datetime, detail: str, *, window: bool) -> Operation:
    """The change, held no more; until `notBefore` still, unless `window` says not to wait."""
    said = operation.decision
    if said and (window or said.outcome == "hold"):
        said = replace(said, released_at=said.released_at or now)
    going = operation.moved(State.ACCEPTED, now, detail)
    released = replace(going, attempts=0, failure=None, decision=said)
    opens, _ = operation.window
    if window or operation.submission or opens is None or opens <= now:
        return released
    return replace(released.moved(State.HELD, now, "not before"), due_at=opens)


async def go_on(use: Dependencies, operation: Operation) -> None:
    """Send it on its way; its place first: one that is accepted later must not get ahead."""
    if operation.due_at is None and not operation.stands_aside:
        await use.lines.enter(operation.device, operation.id, operation.turn)
    await use.sender.send(nudge(operation, at=operation.due_at))
