"""The timer that rotates the passwords that are due."""

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
