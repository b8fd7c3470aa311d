"""Send again what was recorded and never queued, so that a crash between the two loses nothing."""

from datetime import timedelta

from shared.changes.states import State
from shared.intake.accept import Intake

LONGEST = timedelta(minutes=4)
"""A run goes on no longer: the host ends a function after five minutes, and all of its process."""


async def resend_unqueued(intake: Intake, *, older_than: timedelta) -> int:
    """Queue every operation whose mark has stood for longer than `older_than`; how many.

    The grace keeps off what is being queued just now. The message of a resend has an id of its
    own: the first may have arrived and ended already, and whoever looks at the record knows.
    What is left of very many is for the next run.
    """
    now = intake.clock()
    resent = 0
    async for operation_id in intake.operations.unqueued(now - older_than):
        if intake.clock() - now >= LONGEST:
            break
        operation = await intake.operations.get(operation_id)
        if operation is None or operation.turn > 0 or operation.state.ended:
            await intake.operations.queued(operation_id)
            continue
        if operation.state in (State.ACCEPTED, State.HELD):
            resent += 1
        await intake.queue(operation, again=f"resent-{now:%Y%m%dT%H%M%S}")
    return resent
