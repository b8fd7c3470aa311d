"""The timer that queues what was accepted and never queued."""

from datetime import timedelta

import azure.functions as func

from functions.observing import observing
from shared import composition
from shared.telemetry.line import note

blueprint = func.Blueprint()


@blueprint.function_name("resend_unqueued")
@blueprint.timer_trigger(arg_name="timer", schedule="%RESEND_SCHEDULE%", use_monitor=True)
@observing("timer")
async def resend_unqueued(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Send again; safe however often and wherever it runs."""
    from shared.intake.resend import resend_unqueued as resend

    grace = timedelta(seconds=composition.settings().resend_after)
    note(resent=await resend(composition.intake(), older_than=grace))
