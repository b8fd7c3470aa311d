"""The policy in one process: a file of the test's own, and stores in memory."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.policy.clearance import PolicyClearance
from shared.policy.counting import Counting
from shared.policy.document import PolicyDocument
from shared.policy.judge import Judge
from shared.policy.kill_switch import KillSwitch
from shared.policy.limits import Limits
from shared.policy.policy_file import Policy, PolicyFile
from shared.policy.ports import Cell, HeldChange
from simulation.boundary import Boundary
from simulation.records import StoreDown

ALLOWS_ALL = {"version": 1, "rules": [{"name": "all", "sources": ["*"], "decision": "allow"}]}


class MemoryCells:
    """Compare and swap, as in the real store."""

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._cells: dict[str, tuple[str, int]] = {}

    async def read(self, name: str) -> Cell:
        def read() -> Cell:
            text, etag = self._cells.get(name, ("{}", 0))
            return Cell(json.loads(text), str(etag) if etag else None)

        return await self._boundary.call("cells.read", read, StoreDown)

    async def swap(self, name: str, cell: Cell, value: dict[str, Any]) -> Cell | None:
        def swap() -> Cell | None:
            _, etag = self._cells.get(name, ("{}", 0))
            if etag != int(cell.etag or 0):
                return None
            text = json.dumps(value)
            self._cells[name] = (text, etag + 1)
            return Cell(json.loads(text), str(etag + 1))

        return await self._boundary.call("cells.swap", swap, StoreDown)


class MemoryHeld:
    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self.rows: dict[str, HeldChange] = {}

    async def add(self, held: HeldChange) -> None:
        await self._boundary.call(
            "held.add", lambda: self.rows.update({held.operation: held}), StoreDown
        )

    async def by(self, rule: str | None) -> list[HeldChange]:
        return [each for each in self.rows.values() if rule in (None, each.rule)]

    async def remove(self, held: HeldChange) -> None:
        self.rows.pop(held.operation, None)


async def _next_turn(_: float) -> None:
    await asyncio.sleep(0)


class NeverStops:
    async def on(self) -> bool:
        return False


@dataclass
class Policing:
    """The parts of the policy over stores that several instances share."""

    boundary: Boundary
    document: Mapping[str, Any] = field(default_factory=lambda: ALLOWS_ALL)
    stops: bool = False
    """Whether changes look at the kill switch: one call more for each."""

    def __post_init__(self) -> None:
        self.cells, self.held = MemoryCells(self.boundary), MemoryHeld(self.boundary)

    @property
    def file(self) -> PolicyFile:
        read = Policy(PolicyDocument.model_validate(dict(self.document)), "sha256:0")
        return PolicyFile(Path("policy.yaml"), read)

    @property
    def judge(self) -> Judge:
        """Of one instance."""
        return Judge(self.file, self.limits, self.held)

    @property
    def limits(self) -> Limits:
        """Of one instance: nothing is shared but the store."""
        return Limits(Counting(self.cells, _next_turn), self.boundary.clock)

    @property
    def switch(self) -> KillSwitch:
        return KillSwitch(self.cells, self.boundary.clock)

    @property
    def clearance(self) -> PolicyClearance:
        """Of one instance."""
        stop = self.switch if self.stops else NeverStops()
        return PolicyClearance(
            self.file, stop, self.held, self.boundary.clock, timedelta(minutes=1)
        )


def allowing_all() -> Judge:
    """A policy that allows everything and counts nothing."""
    return Policing(Boundary()).judge
