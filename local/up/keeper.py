"""Keep one component running: start it, start it again where it was, and give up in the end."""

import asyncio
import logging
from urllib.parse import urlsplit

from local.up.components import Answers, Component, ReadyLine
from local.up.log import Log
from local.up.process import ComponentFailed, Process

logger = logging.getLogger("local.up")

RESTARTS = 3
"""Failed restarts in a row after which a component is given up."""

RESTART_PAUSE_SECONDS = 0.5


class Keeper:
    """Owns the process of one component through all its restarts."""

    def __init__(self, component: Component, log: Log, inherited: tuple[int, ...]) -> None:
        self.component = component
        self.up = asyncio.Event()
        """Set while the component answers."""
        self._ready: ReadyLine | None = None
        self._process: Process | None = None
        self._log = log
        self._inherited = inherited

    @property
    def ready(self) -> ReadyLine:
        """The fields of the ready line; the same after every restart."""
        if self._ready is None:
            raise ComponentFailed(f"{self.component.name} has not answered yet")
        return self._ready

    @property
    def process(self) -> Process:
        """The latest process of the component."""
        if self._process is None:
            raise ComponentFailed(f"{self.component.name} was not started")
        return self._process

    async def run(self, answers: Answers) -> None:
        """Start the component, and start it again whenever it ends by itself, until cancelled.

        A first start that fails is a mistake to show at once, not a crash to ride out.
        Raises ComponentFailed when it does not start, or not again.
        """
        await self._start(answers)
        while True:
            code = await self.process.wait()
            self.up.clear()
            logger.warning("%s ended with %d: starting it again", self.component.name, code)
            await self._restart(answers)

    def kill(self) -> None:
        """End the process as a crash would; what `run` does about it is the point."""
        self.up.clear()
        self.process.kill()

    async def stop(self) -> None:
        """Stop the process, if one runs. `run` must have been cancelled before."""
        self.up.clear()
        if self._process and not await self._process.stop():
            logger.warning("%s did not stop in time and was killed", self.component.name)

    async def _restart(self, answers: Answers) -> None:
        for attempt in range(1, RESTARTS):
            try:
                await self._start(answers)
            except ComponentFailed as error:
                logger.warning("restart %d of %d failed: %s", attempt, RESTARTS, error)
                await asyncio.sleep(RESTART_PAUSE_SECONDS)
            else:
                return
        await self._start(answers)

    async def _start(self, answers: Answers) -> None:
        name = self.component.name
        self._process = await Process.start(
            self.component.launch(answers), self._port, self._log, self._inherited
        )
        try:
            ready = await self._process.ready()
        except ComponentFailed as error:
            await self._process.stop()
            raise ComponentFailed(f"{name} {error}") from None
        if self._ready not in (None, ready):
            # Others hold the old addresses and keys: to carry on would only fail later.
            await self._process.stop()
            raise ComponentFailed(f"{name} came back with other addresses or keys")
        self._ready = ready
        self.up.set()

    @property
    def _port(self) -> int:
        if self._ready is None:
            return self.component.port
        port = urlsplit(str(self._ready[self.component.address])).port
        if port is None:
            raise ComponentFailed(f"{self.component.name} did not say its port")
        return port
