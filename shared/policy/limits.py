"""Budgets and brakes: how much, counted over all instances and across restarts.

A budget is the number of changes in the present hour, a brake the devices of its last minutes;
each is one small document that is changed by compare and swap, so none is counted past its bound.
A change is counted before it is recorded: where the process ends in between, it stays counted.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from shared.clock import Clock
from shared.policy.counting import Counting
from shared.policy.document import Brake, Budget, PolicyDocument
from shared.policy.ports import Json
from shared.policy.rules import concerns

_log = logging.getLogger(__name__)


class _Says(Enum):
    """What a limit says to one change."""

    PASS = auto()
    HOLD = auto()
    ENGAGED = auto()
    """Hold, and it was this change that engaged the brake."""


class Limits:
    """Counts what is allowed."""

    def __init__(self, counting: Counting, clock: Clock) -> None:
        self._counting, self._clock = counting, clock

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
        def count(value: Json, changes: Sequence[str]) -> tuple[list[_Says], Json | None]:
            return _spent(budget, self._clock(), value, len(changes))

        name = f"budget.{budget.name}.{source}"
        return await self._counting.verdict(name, source, count) is _Says.PASS

    async def _pass(self, brake: Brake, device: str) -> bool:
        def count(value: Json, devices: Sequence[str]) -> tuple[list[_Says], Json | None]:
            return _passed(brake, self._clock(), value, devices)

        says = await self._counting.verdict(brake_cell(brake.name), _digest(device), count)
        if says is _Says.ENGAGED:
            bound = (brake.name, brake.devices, brake.minutes)
            _log.error("brake engaged brake=%s devices=%d minutes=%d", *bound)
        return says is _Says.PASS


def _spent(
    budget: Budget, now: datetime, value: Json, changes: int
) -> tuple[list[_Says], Json | None]:
    """What a budget says to so many changes, and what is spent of it then."""
    # An instance whose clock is behind must not begin an hour again that others have left.
    hour = max(f"{now:%Y-%m-%dT%H}", value.get("hour", ""))
    spent = value["spent"] if value.get("hour") == hour else 0
    passing = min(changes, max(budget.changesPerHour - spent, 0))
    says = [_Says.PASS] * passing + [_Says.HOLD] * (changes - passing)
    return says, {"hour": hour, "spent": spent + passing} if passing else None


def _passed(
    brake: Brake, now: datetime, value: Json, devices: Sequence[str]
) -> tuple[list[_Says], Json | None]:
    """What a brake says to changes of these devices, and what it has seen then."""
    seen, engaged_at = _seen(value, now - timedelta(minutes=brake.minutes)), value.get("engagedAt")
    says, changed = list[_Says](), False
    for device in devices:
        if device in seen:
            says.append(_Says.PASS)
        elif engaged_at:
            says.append(_Says.HOLD)
        elif len(seen) < brake.devices:
            seen[device], changed = _minute(now), True
            says.append(_Says.PASS)
        else:
            engaged_at, changed = now.isoformat(), True
            says.append(_Says.ENGAGED)
    engaged = {"engagedAt": engaged_at} if engaged_at else {}
    return says, {"devices": seen, **engaged} if changed else None


def brake_cell(brake: str) -> str:
    """Where the state of a brake is."""
    return f"brake.{brake}"


def _seen(value: Json, since: datetime) -> dict[str, int]:
    """The devices of the last minutes; of an engaged brake those that it had let pass. A copy."""
    devices: dict[str, int] = value.get("devices", {})
    if value.get("engagedAt"):
        return dict(devices)
    return {device: at for device, at in devices.items() if at >= _minute(since)}


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _digest(device: str) -> str:
    """Short, so that two thousand fit the document; two alike would count as one device."""
    return hashlib.sha256(device.encode()).hexdigest()[:12]
