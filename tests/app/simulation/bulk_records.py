"""The stores of bulk changes, in memory."""

from collections.abc import Sequence
from typing import Any

from shared.records.ports import News, TargetResult
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
        self._rows: dict[str, dict[int, dict[int, TargetResult]]] = {}
        self._news: dict[str, dict[News, None]] = {}
        self.read = 0
        """How many rows were read, of either kind."""

    async def put(self, bulk: str, result: TargetResult) -> None:
        await self._boundary.call("results.put", lambda: self._put(bulk, result), StoreDown)

    async def reopen(self, bulk: str, result: TargetResult) -> None:
        def reopen() -> None:
            if result.turn not in self._of(bulk).get(result.index, {}):
                self._put(bulk, result)

        await self._boundary.call("results.reopen", reopen, StoreDown)

    async def some(self, bulk: str, start: int, stop: int) -> list[TargetResult]:
        def latest() -> list[TargetResult]:
            rows = [self._of(bulk).get(index, {}) for index in range(start, stop)]
            self.read += sum(map(len, rows))
            return [turns[max(turns)] for turns in rows if turns]

        return await self._boundary.call("results.some", latest, StoreDown)

    async def news(self, bulk: str) -> list[News]:
        def news() -> list[News]:
            found = list(self._news.get(bulk, ()))
            self.read += len(found)
            return found

        return await self._boundary.call("results.news", news, StoreDown)

    async def heard(self, bulk: str, news: Sequence[News]) -> None:
        def forget() -> None:
            for each in news:
                self._news[bulk].pop(each, None)

        await self._boundary.call("results.heard", forget, StoreDown)

    def _of(self, bulk: str) -> dict[int, dict[int, TargetResult]]:
        return self._rows.setdefault(bulk, {})

    def _put(self, bulk: str, result: TargetResult) -> None:
        self._of(bulk).setdefault(result.index, {})[result.turn] = result
        news = News(result.index, result.turn, result.state)
        self._news.setdefault(bulk, {})[news] = None
