"""Verdicts that follow from a count, those that are asked for together in one compare and swap.

Were each to swap for itself, of sixteen that come at once one would win and fifteen begin again,
and so on: a hundred and thirty-six rounds. So whoever finds nobody at work counts for all who wait,
in the order they came in, and whoever comes meanwhile waits for the next round.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.policy.ports import Cell, Cells, Json

type Count[T, V] = Callable[[Json, Sequence[T]], tuple[list[V], Json | None]]
"""Counts these, one after the other, in a document that it leaves as it is: the verdict of each,
and the document then; None where it stays the same. May be asked again, about another document."""

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.16
"""Seconds, at most, between two tries while other instances count in the same document."""


@dataclass(slots=True, eq=False)
class _Asked:
    """Who waits for a verdict."""

    what: Any
    verdict: asyncio.Future[Any]


@dataclass(slots=True)
class _Round:
    """Who waits for one document, and the document as this process last wrote or read it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Asked] = field(default_factory=list)
    seen: Cell | None = None


class Counting:
    """Counts for one process, in documents that all instances share."""

    def __init__(
        self, cells: Cells, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._cells, self._sleep = cells, sleep
        self._rounds: defaultdict[str, _Round] = defaultdict(_Round)

    async def verdict[T, V](self, name: str, what: T, count: Count[T, V]) -> V:
        """The verdict on `what`, which is counted in the document of that name.

        `count` is the same for all who name the same document. Raises what the store raises.
        """
        own = self._rounds[name]
        asked = _Asked(what, asyncio.get_running_loop().create_future())
        own.waiting.append(asked)
        try:
            async with own.lock:
                if not asked.verdict.done():
                    await self._count(name, own, count)
        finally:
            asked.verdict.cancel()  # who has gone is not counted any more
        verdict: V = asked.verdict.result()
        return verdict

    async def _count(self, name: str, own: _Round, count: Count[Any, Any]) -> None:
        """Count for all who wait. One that is cut short leaves them to the next of them."""
        try:
            told = await self._told(name, own, count)
        except Exception as error:  # noqa: BLE001  whatever it is, it is so for all of them
            told = [(asked, error) for asked in own.waiting]
        for asked, verdict in told:
            if asked.verdict.done():
                continue
            if isinstance(verdict, Exception):
                asked.verdict.set_exception(verdict)
            else:
                asked.verdict.set_result(verdict)
        own.waiting = [asked for asked in own.waiting if not asked.verdict.done()]

    async def _told(
        self, name: str, own: _Round, count: Count[Any, Any]
    ) -> list[tuple[_Asked, Any]]:
        pause = FIRST_PAUSE
        while True:
            # The swap tells whether what was seen last still holds; only a verdict that nothing
            # has to be written for needs a look.
            seen, own.seen = own.seen, None
            cell = seen or await self._cells.read(name)
            waiting = [asked for asked in own.waiting if not asked.verdict.done()]
            verdicts, value = count(cell.value, [asked.what for asked in waiting])
            told = list(zip(waiting, verdicts, strict=True))
            if value is None:
                if seen is None:
                    own.seen = cell
                    return told
                continue
            own.seen = await self._cells.swap(name, cell, value)
            if own.seen:
                return told
            await self._sleep(random.uniform(0, pause))  # noqa: S311  nothing secret
            pause = min(2 * pause, LONGEST_PAUSE)
