"""The timers of rotations: ask for those that are due, and look for what has drifted."""

import logging
from dataclasses import asdict

import azure.functions as func

from shared import composition

blueprint = func.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.function_name("rotate_due")
@blueprint.timer_trigger(arg_name="timer", schedule="%ROTATION_SCHEDULE%", use_monitor=True)
async def rotate_due(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Ask for what is due; safe however often and wherever it runs."""
    done = asdict(await composition.rotation_timer().tick())
    done["overdue"] = await composition.overdue()
    _log.info("rotation tick %s", " ".join(f"{name}={number}" for name, number in done.items()))


@blueprint.function_name("reconcile_accounts")
@blueprint.timer_trigger(arg_name="timer", schedule="%RECONCILE_SCHEDULE%", use_monitor=True)
async def reconcile_accounts(timer: func.TimerRequest) -> None:  # noqa: ARG001  the binding's name
    """Examine the next accounts of the register; safe however often and wherever it runs."""
    from shared.rotation.reconcile import go_on

    most = composition.settings().reconcile_accounts
    report = await go_on(composition.rotating(), composition.reconciled(), most)
    for each in report.findings:
        _log.warning("drift %s account=%s repaired=%s", each.code, each.account, each.repaired)
    numbers = " ".join(f"{name}={number}" for name, number in report.numbers.items())
    _log.info("reconciled %s stopped=%s", numbers, report.stopped or "no")
