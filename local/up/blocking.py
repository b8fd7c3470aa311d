"""The local stack for code without an event loop, for example a fixture of a whole test run."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.up.endpoints import Endpoints
from local.up.process import ROOT
from local.up.stack import Stack, running_stack


class BlockingStack:
    """A `Stack` whose methods wait instead of being awaited."""

    def __init__(self, stack: Stack, loop: asyncio.AbstractEventLoop) -> None:
        self._stack = stack
        self._loop = loop

    @property
    def endpoints(self) -> Endpoints:
        """See `Stack.endpoints`."""
        return self._stack.endpoints

    @property
    def pids(self) -> Mapping[str, int]:
        """See `Stack.pids`."""
        return self._stack.pids

    def kill(self, name: str) -> None:
        """See `Stack.kill`."""
        self._loop.call_soon_threadsafe(self._stack.kill, name)

    def answering(self, name: str) -> None:
        """See `Stack.answering`."""
        self._wait(self._stack.answering(name))

    def stop(self, name: str) -> None:
        """See `Stack.stop`."""
        self._wait(self._stack.stop(name))

    def start(self, name: str) -> None:
        """See `Stack.start`."""
        self._wait(self._stack.start(name))

    def _wait(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextmanager
def blocking_stack(
    *,
    app: Path = ROOT,
    data: Path | None = None,
    port: int = 0,
    hosts: int = 1,
    settings: Mapping[str, str] | None = None,
    itsm: bool = False,
    metered: bool = False,
    verbose: bool = False,
) -> Iterator[BlockingStack]:
    """Start and stop the stack in a thread; see `running_stack` for the options and errors."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        context = running_stack(
            app=app,
            data=data,
            port=port,
            hosts=hosts,
            settings=settings,
            itsm=itsm,
            metered=metered,
            verbose=verbose,
        )
        thread = threading.Thread(target=loop.run_forever, name="local stack", daemon=True)
        thread.start()
        try:
            entered = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
            try:
                yield BlockingStack(entered, loop)
            finally:
                asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
