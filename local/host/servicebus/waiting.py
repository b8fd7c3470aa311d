"""Waits that a stopping host can end."""

import asyncio
from collections.abc import Coroutine


async def unless[T](stopping: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """The result of `work`; None when `stopping` is set first, `work` is cancelled then."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        stop.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class BackOff:
    """Pauses between attempts to reach a broker that is gone: short enough to find it again soon.

    The seconds are this host's own; Azure's SDKs wait up to a minute.
    """

    _FIRST, _LONGEST = 0.25, 1.5

    def __init__(self) -> None:
        self.attempts = 0

    def succeeded(self) -> None:
        """Start again with the shortest pause."""
        self.attempts = 0

    async def pause(self, stopping: asyncio.Event) -> None:
        """Wait, longer with each attempt in a row."""
        self.attempts += 1
        seconds = min(self._FIRST * 2 ** (self.attempts - 1), self._LONGEST)
        await unless(stopping, asyncio.sleep(seconds))
