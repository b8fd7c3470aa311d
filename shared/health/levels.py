"""Numbers to set alarms on, looked at by a timer: how much is late, in between, lacking, or on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared.faults import Fault
from shared.permissions.report import Report
from shared.telemetry.measurement import (
    BRAKE_ENGAGED,
    DEVICES_BETWEEN,
    PERMISSIONS_MISSING,
    ROTATIONS_OVERDUE,
)
from shared.telemetry.metrics import measure


@dataclass(frozen=True, slots=True)
class Levels:
    """What was found; `missing` permissions are None without a token to examine."""

    overdue: int
    between: int
    missing: int | None
    brakes: int
    """Engaged ones, the kill switch among them."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Where each is read. They raise what their stores raise."""

    overdue: Callable[[], Awaitable[int]]
    between: Callable[[], Awaitable[int]]
    examine: Callable[[], Awaitable[Report]]
    brakes: Callable[[], Awaitable[Mapping[str, bool]]]
    """Whether each is engaged, by name."""

    async def look(self) -> Levels:
        """Read all of them, measure, and tell."""
        overdue, between, missing = (
            await self.overdue(),
            await self.between(),
            await self._missing(),
        )
        measure(ROTATIONS_OVERDUE, overdue)
        measure(DEVICES_BETWEEN, between)
        if missing is not None:
            measure(PERMISSIONS_MISSING, missing)
        brakes = await self.brakes()
        for name, engaged in brakes.items():
            measure(BRAKE_ENGAGED, int(engaged), brake=name)
        return Levels(overdue, between, missing, sum(brakes.values()))

    async def _missing(self) -> int | None:
        try:
            return len((await self.examine()).missing)
        except Fault:
            return None
