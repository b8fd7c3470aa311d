"""Start components in the order of their needs, keep them running, stop them in reverse."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.up.components import Component, ReadyLine
from local.up.keeper import Keeper
from local.up.log import Log
from local.up.process import ComponentFailed


class Supervisor:
    """All components, started on entry and stopped on exit.

    Entering raises ComponentFailed when one of them does not start.
    """

    def __init__(
        self,
        components: Iterable[Component],
        logs: Path,
        *,
        inherited: tuple[int, ...] = (),
        verbose: bool = False,
    ) -> None:
        self._keepers = {
            component.name: Keeper(component, Log(logs, component.name, verbose=verbose), inherited)
            for component in components
        }
        self._runs: dict[str, asyncio.Task[None]] = {}
        self.given_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done once a component cannot be kept running; the result says why."""

    async def __aenter__(self) -> Self:
        for name in self._keepers:
            self.start(name)
        try:
            for name in self._keepers:
                await self.answering(name)
        except BaseException:
            await self._stop_all()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop_all()

    @property
    def answers(self) -> dict[str, ReadyLine]:
        """The ready line of each component."""
        return {name: keeper.ready for name, keeper in self._keepers.items()}

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each component as it runs now."""
        return {name: keeper.process.pid for name, keeper in self._keepers.items()}

    def start(self, name: str) -> None:
        """Begin to run a component that was not started yet, or that was stopped."""
        run = asyncio.create_task(self._run(self._keepers[name]))
        run.add_done_callback(self._ended)
        self._runs[name] = run

    async def answering(self, name: str) -> None:
        """Wait until the component answers; raises ComponentFailed when any was given up."""
        up = asyncio.create_task(self._keepers[name].up.wait())
        either: set[asyncio.Future[Any]] = {up, self.given_up}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
        if self.given_up.done():
            raise ComponentFailed(self.given_up.result())

    def kill(self, name: str) -> None:
        """End the component with SIGKILL; it is started again as after any crash."""
        self._keepers[name].kill()

    async def stop(self, name: str) -> None:
        """Stop the component; it stays down until `start`."""
        run = self._runs.pop(name)
        run.cancel()
        await asyncio.wait({run})
        await self._keepers[name].stop()

    async def _run(self, keeper: Keeper) -> None:
        needed = [self._keepers[name] for name in keeper.component.needs]
        for other in needed:
            await other.up.wait()
        await keeper.run({other.component.name: other.ready for other in needed})

    def _ended(self, run: asyncio.Task[None]) -> None:
        error = None if run.cancelled() else run.exception()
        if error and not self.given_up.done():
            self.given_up.set_result(str(error))

    async def _stop_all(self) -> None:
        stopped = {name: asyncio.Event() for name in self._keepers}

        async def stop(name: str) -> None:
            for other in self._keepers.values():
                if name in other.component.needs:
                    await stopped[other.component.name].wait()
            if name in self._runs:
                await self.stop(name)
            stopped[name].set()

        await asyncio.gather(*(stop(name) for name in self._keepers))
