"""What many ask for at the same time, done for all of them at once.

Whoever finds nobody at work does it for all who wait, in the order they came in; whoever comes
meanwhile waits for the next round. So nobody waits for company, and the more come at once, the less
each of them costs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class _Asked[T, V]:
    """What is asked for, and what came of it."""

    what: T
    came: asyncio.Future[V] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Together[T, V]:
    """Does `work` for all who wait: it returns what came of each, or raises for all of them.

    `fit` is how many of those who wait, from the first on, one round may take: one at least.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[V]]],
        fit: Callable[[Sequence[T]], int] = len,
    ) -> None:
        self._work, self._fit = work, fit
        self._waiting: list[_Asked[T, V]] = []
        self._lock = asyncio.Lock()

    async def do(self, what: T) -> V:
        """What came of `what`; raises what the work raises."""
        asked = _Asked[T, V](what)
        self._waiting.append(asked)
        try:
            async with self._lock:
                while not asked.came.done():
                    await self._round()
        finally:
            asked.came.cancel()  # nothing is done any more for who has gone
        return asked.came.result()

    async def _round(self) -> None:
        """Work for those who wait. One that is cut short leaves them to the next of them."""
        waiting = [asked for asked in self._waiting if not asked.came.done()]
        taken = waiting[: self._fit([asked.what for asked in waiting])]
        try:
            results = await self._work([asked.what for asked in taken])
        except Exception as error:  # noqa: BLE001  whatever it is, it is so for all of them
            for asked in taken:
                if not asked.came.done():
                    asked.came.set_exception(error)
        else:
            for asked, result in zip(taken, results, strict=True):
                if not asked.came.done():
                    asked.came.set_result(result)
        self._waiting = [asked for asked in self._waiting if not asked.came.done()]
