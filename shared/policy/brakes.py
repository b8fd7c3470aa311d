"""The brakes as a person sees them: which are engaged, and how to let them go."""

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.policy.document import Brake
from shared.policy.limits import brake_cell
from shared.policy.policy_file import PolicyFile
from shared.policy.ports import Cells

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrakeState:
    """A brake of the file, and since when it is engaged; None while it is not."""

    brake: Brake
    engaged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Brakes:
    """The brakes of the file, by what was counted."""

    file: PolicyFile
    cells: Cells

    async def states(self) -> list[BrakeState]:
        """All of them."""
        return [await self._state(brake) for brake in self.file.policy().document.brakes]

    async def release(self, name: str) -> None:
        """Let the brake go: it counts anew. Nothing for a name that is no brake's."""
        for brake in self.file.policy().document.brakes:
            if brake.name == name:
                await self._clear(name)

    async def _state(self, brake: Brake) -> BrakeState:
        engaged = (await self.cells.read(brake_cell(brake.name))).value.get("engagedAt")
        return BrakeState(brake, datetime.fromisoformat(engaged) if engaged else None)

    async def _clear(self, name: str) -> None:
        while (cell := await self.cells.read(brake_cell(name))).value.get("engagedAt"):
            if await self.cells.swap(brake_cell(name), cell, {}):
                _log.warning("brake released brake=%s", name)
