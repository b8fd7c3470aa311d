"""Waits that a stopping host can end."""

import asyncio
import logging
from collections.abc import Coroutine

_log = logging.getLogger(__name__)


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


class Link:
    """What a listener's slots know together of the way to the broker: there, or lost.

    Loss and return are logged once, however many slots meet them.
    """

    _PAUSE = 0.75
    """Seconds before a slot tries again: a broker that is back should be found soon. (Azure's SDKs
    back off up to a minute, for the sake of a service that many clients share.)"""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._is_lost = False

    def works(self) -> None:
        """A slot has heard from the broker."""
        if self._is_lost:
            _log.info("queue %s: connected again", self._queue)
        self._is_lost = False

    async def lost(self, error: Exception, stopping: asyncio.Event) -> None:
        """A slot has met `error`; pause before its next attempt."""
        if not self._is_lost:
            _log.warning("queue %s: connection lost: %r", self._queue, error)
        self._is_lost = True
        await unless(stopping, asyncio.sleep(self._PAUSE))
