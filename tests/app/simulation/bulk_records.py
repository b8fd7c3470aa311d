"""The stores of bulk changes, in memory."""

from collections.abc import Sequence
from typing import Any

from shared.records.ports import TargetResult
from simulation.boundary import Boundary
from simulation.records import StoreDown


class MemoryTargets:
    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._targets: dict[str, list[dict[str, Any]]] = {}

    async def put(self, fingerprint: str, targets: Sequence[dict[str, Any]]) -> None:
        await self._boundary.call(
            "targets.put", lambda: self._targets.update({fingerprint: list(targets)}), StoreDown
        )

    async def some(self, fingerprint: str, start: int, stop: int) -> list[dict[str, Any]]:
        return await self._boundary.call(
            "targets.some", lambda: self._targets[fingerprint][start:stop], StoreDown
        )


class MemoryTargetResults:
    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._rows: dict[tuple[str, int, int], TargetResult] = {}

    async def put(self, bulk: str, result: TargetResult) -> None:
        row = {(bulk, result.index, result.turn): result}
        await self._boundary.call("results.put", lambda: self._rows.update(row), StoreDown)

    async def reopen(self, bulk: str, result: TargetResult) -> None:
        key = (bulk, result.index, result.turn)
        await self._boundary.call(
            "results.reopen", lambda: self._rows.setdefault(key, result), StoreDown
        )

    async def all(self, bulk: str) -> list[TargetResult]:
        def latest() -> list[TargetResult]:
            rows = sorted(key for key in self._rows if key[0] == bulk)
            return list({index: self._rows[bulk, index, turn] for _, index, turn in rows}.values())

        return await self._boundary.call("results.all", latest, StoreDown)
