"""The timer that queues what was accepted and never queued."""

import logging
from datetime import timedelta

import azure.functions as func

from shared import composition

blueprint = func.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.function_name("resend_unqueued")
@blueprint.timer_trigger(arg_name="timer", schedule="%RESEND_SCHEDULE%", use_monitor=True)
async def resend_unqueued(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Send again; safe however often and wherever it runs."""
    from shared.intake.resend import resend_unqueued as resend

    grace = timedelta(seconds=composition.settings().resend_after)
    if resent := await resend(composition.intake(), older_than=grace):
        _log.warning("queued %d operations that were recorded and never queued", resent)
