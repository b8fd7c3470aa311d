"""Budgets and brakes: how much, counted over all instances and across restarts.

A budget is the number of changes in the present hour, a brake the devices of its last minutes;
each is one small document that is changed by compare and swap, so none is counted past its bound.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.policy.document import Brake, Budget, PolicyDocument
from shared.policy.ports import Cells, Json
from shared.policy.rules import concerns

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts what is allowed."""

    cells: Cells
    clock: Clock

    async def holding(self, policy: PolicyDocument, source: str, device: str) -> str | None:
        """The name of the budget or brake that this change is too much for; else it is counted."""
        for budget in policy.budgets:
            if concerns(budget.sources, source) and not await self._spend(budget, source):
                return budget.name
        for brake in policy.brakes:
            if concerns(brake.sources, source) and not await self._pass(brake, device):
                return brake.name
        return None

    async def _spend(self, budget: Budget, source: str) -> bool:
        hour = f"{self.clock():%Y-%m-%dT%H}"
        name = f"budget.{budget.name}.{source}"
        while True:
            cell = await self.cells.read(name)
            spent = cell.value["spent"] if cell.value.get("hour") == hour else 0
            if spent >= budget.changesPerHour:
                return False
            if await self.cells.swap(name, cell, {"hour": hour, "spent": spent + 1}):
                return True

    async def _pass(self, brake: Brake, device: str) -> bool:
        name, key = brake_cell(brake.name), _digest(device)
        while True:
            cell = await self.cells.read(name)
            now = self.clock()
            seen = _seen(cell.value, now - timedelta(minutes=brake.minutes))
            if key in seen:
                return True
            if cell.value.get("engagedAt"):
                return False
            full = len(seen) >= brake.devices
            if not full:
                seen[key] = _minute(now)
            engaged = {"engagedAt": now.isoformat()} if full else {}
            if await self.cells.swap(name, cell, {"devices": seen, **engaged}):
                if full:
                    bound = (brake.name, brake.devices, brake.minutes)
                    _log.error("brake engaged brake=%s devices=%d minutes=%d", *bound)
                return not full


def brake_cell(brake: str) -> str:
    """Where the state of a brake is."""
    return f"brake.{brake}"


def _seen(value: Json, since: datetime) -> dict[str, int]:
    """The devices of the last minutes; of an engaged brake those that it had let pass."""
    devices: dict[str, int] = value.get("devices", {})
    if value.get("engagedAt"):
        return devices
    return {device: at for device, at in devices.items() if at >= _minute(since)}


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _digest(device: str) -> str:
    """Short, so that two thousand fit the document; two alike would count as one device."""
    return hashlib.sha256(device.encode()).hexdigest()[:12]
