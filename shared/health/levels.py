"""Numbers to set alarms on, looked at by a timer: how much is late, in between, or lacking."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.faults import Fault
from shared.permissions.report import Report
from shared.telemetry.measurement import DEVICES_BETWEEN, PERMISSIONS_MISSING, ROTATIONS_OVERDUE
from shared.telemetry.metrics import measure

type Count = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Levels:
    """What was found; `missing` permissions are None without a token to examine."""

    overdue: int
    between: int
    missing: int | None


async def look(overdue: Count, between: Count, examine: Callable[[], Awaitable[Report]]) -> Levels:
    """Count, measure and tell. Raises what the register raises."""
    levels = Levels(await overdue(), await between(), await _missing(examine))
    measure(ROTATIONS_OVERDUE, levels.overdue)
    measure(DEVICES_BETWEEN, levels.between)
    if levels.missing is not None:
        measure(PERMISSIONS_MISSING, levels.missing)
    return levels


async def _missing(examine: Callable[[], Awaitable[Report]]) -> int | None:
    try:
        return len((await examine()).missing)
    except Fault:
        return None
