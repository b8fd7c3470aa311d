"""The kill switch: while it is on, no change begins to be written, anywhere in the fleet."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.clock import Clock
from shared.policy.ports import Cells

CELL = "kill-switch"
_LATELY = timedelta(seconds=3)
"""How old an answer may be: one that is asked before every write costs a read each time."""

_log = logging.getLogger(__name__)


class Stop(Protocol):
    """Whether everything is to stand still."""

    async def on(self) -> bool:
        """Whether no write may begin now."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """How the switch stands, since when, and why; off since ever where nobody touched it."""

    on: bool
    since: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class KillSwitch:
    """The switch in the store. Implements Stop."""

    cells: Cells
    clock: Clock
    _seen: tuple[datetime, bool] | None = field(default=None, repr=False)

    async def on(self) -> bool:
        """Whether it is on, or was a moment ago."""
        now = self.clock()
        if self._seen is None or now - self._seen[0] >= _LATELY:
            self._seen = now, (await self.state()).on
        return self._seen[1]

    async def state(self) -> SwitchState:
        """How it stands now."""
        value = (await self.cells.read(CELL)).value
        if not value:
            return SwitchState(on=False)
        return SwitchState(value["on"], datetime.fromisoformat(value["since"]), value["reason"])

    async def turn(self, *, on: bool, reason: str | None) -> SwitchState:
        """Turn it; one that stands so already keeps its time and reason."""
        while True:
            cell = await self.cells.read(CELL)
            if cell.value.get("on", False) is on:
                return await self.state()
            now = self.clock()
            value = {"on": on, "since": now.isoformat(), "reason": reason}
            if await self.cells.swap(CELL, cell, value):
                self._seen = None
                _log.error("kill switch %s", "on" if on else "off")
                return SwitchState(on, now, reason)
