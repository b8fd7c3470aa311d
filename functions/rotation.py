"""The timers of rotations: ask for those that are due, and look for what has drifted."""

import logging
from dataclasses import asdict

import azure.functions as func

from functions.observing import observing
from shared import composition
from shared.telemetry.line import note

blueprint = func.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.function_name("rotate_due")
@blueprint.timer_trigger(arg_name="timer", schedule="%ROTATION_SCHEDULE%", use_monitor=True)
@observing("timer")
async def rotate_due(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Ask for what is due; safe however often and wherever it runs."""
    note(**asdict(await composition.rotation_timer().tick()))
    note(**asdict(await composition.levels()))


@blueprint.function_name("reconcile_accounts")
@blueprint.timer_trigger(arg_name="timer", schedule="%RECONCILE_SCHEDULE%", use_monitor=True)
@observing("timer")
async def reconcile_accounts(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Examine the next accounts of the register; safe however often and wherever it runs."""
    from shared.rotation.reconcile import go_on

    most = composition.settings().reconcile_accounts
    report = await go_on(composition.rotating(), composition.reconciled(), most)
    for each in report.findings:
        _log.warning("drift %s account=%s repaired=%s", each.code, each.account, each.repaired)
    note(**report.numbers, stopped=report.stopped or None)
