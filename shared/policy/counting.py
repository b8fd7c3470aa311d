"""Verdicts that follow from a count, those that are asked for together in one compare and swap.

Were each to swap for itself, of sixteen that come at once one would win and fifteen begin again,
and so on: a hundred and thirty-six swaps.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.policy.ports import Cell, Cells, Json
from shared.together import Together

type Count[T, V] = Callable[[Json, Sequence[T]], tuple[list[V], Json | None]]
"""Counts these, one after the other, in a document that it leaves as it is: the verdict of each,
and the document then; None where it stays the same. May be asked again, about another document."""
type Sleep = Callable[[float], Awaitable[object]]

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.16
"""Seconds, at most, between two tries while other instances count in the same document."""


class Counting:
    """Counts for one process, in documents that all instances share."""

    def __init__(self, cells: Cells, sleep: Sleep = asyncio.sleep) -> None:
        self._cells, self._sleep = cells, sleep
        self._documents: dict[str, Together[Any, Any]] = {}

    async def verdict[T, V](self, name: str, what: T, count: Count[T, V]) -> V:
        """The verdict on `what`, which is counted in the document of that name.

        `count` is the same for all who name the same document. Raises what the store raises.
        """
        if name not in self._documents:
            counted = _Document(name, self._cells, self._sleep, count).counted
            self._documents[name] = Together(counted)
        verdict: V = await self._documents[name].do(what)
        return verdict


@dataclass(slots=True)
class _Document[T, V]:
    """A document, and how it is counted in."""

    name: str
    cells: Cells
    sleep: Sleep
    count: Count[T, V]
    seen: Cell | None = None
    """As this process read or wrote it last."""

    async def counted(self, whats: Sequence[T]) -> list[V]:
        """The verdicts on all of them."""
        pause = FIRST_PAUSE
        while True:
            # The swap tells whether what was seen last still holds; only where nothing has to be
            # written it takes a look.
            seen, self.seen = self.seen, None
            cell = seen or await self.cells.read(self.name)
            verdicts, value = self.count(cell.value, whats)
            if value is None:
                if seen is None:
                    self.seen = cell
                    return verdicts
                continue
            self.seen = await self.cells.swap(self.name, cell, value)
            if self.seen:
                return verdicts
            await self.sleep(random.uniform(0, pause))  # noqa: S311  nothing secret
            pause = min(2 * pause, LONGEST_PAUSE)
