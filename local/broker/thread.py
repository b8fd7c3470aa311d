"""The broker in a thread, for callers whose own thread runs no event loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from local.broker.server import Broker


class BrokerThread:
    """`with BrokerThread(lambda: Broker(queues)) as thread:` serves `thread.broker` meanwhile."""

    def __init__(self, make: Callable[[], Broker]) -> None:
        self._make = make
        self._started: Future[Broker] = Future()
        self._stopping: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def broker(self) -> Broker:
        """The broker; its address and connection string may be read from any thread."""
        return self._started.result()

    def __enter__(self) -> Self:
        """Start, and wait until the broker listens or has failed to."""
        self._thread.start()
        self._started.result()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and wait for the thread's end."""
        self._stopping.set_result(None)
        self._thread.join()

    async def _serve(self) -> None:
        try:
            async with self._make() as broker:
                self._started.set_result(broker)
                await asyncio.wrap_future(self._stopping)
        except Exception as cause:
            if self._started.done():
                raise
            self._started.set_exception(cause)
