"""The whole local stack as one context: `async with running_stack() as stack`."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.up.components import meter, stand_ins
from local.up.data import claimed
from local.up.endpoints import Endpoints
from local.up.host import host_components
from local.up.process import ROOT
from local.up.supervisor import Supervisor


class Stack:
    """A running local stack: its endpoints, and the hooks of crash tests.

    The components are `broker`, `tables`, `identity`, `vault`, `graph`, `itsm` and `host`,
    and `host-2` and so on where there are several.
    """

    def __init__(self, supervisor: Supervisor, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self._supervisor = supervisor

    @property
    def pids(self) -> Mapping[str, int]:
        """The process id of each component as it runs now."""
        return self._supervisor.pids

    async def given_up(self) -> str:
        """Wait until a component cannot be kept running; return why."""
        return await asyncio.shield(self._supervisor.given_up)

    def kill(self, name: str) -> None:
        """End a component with SIGKILL; it is started again, on its port and with its data."""
        self._supervisor.kill(name)

    async def answering(self, name: str) -> None:
        """Wait until a component answers again; raises ComponentFailed when it will not."""
        await self._supervisor.answering(name)

    async def stop(self, name: str) -> None:
        """Stop a component in the orderly way; it stays down until `start`."""
        await self._supervisor.stop(name)

    async def start(self, name: str) -> None:
        """Start a stopped component again and wait until it answers."""
        self._supervisor.start(name)
        await self._supervisor.answering(name)


@asynccontextmanager
async def running_stack(
    *,
    app: Path = ROOT,
    data: Path | None = None,
    port: int = 0,
    hosts: int = 1,
    settings: Mapping[str, str] | None = None,
    itsm: bool = False,
    metered: bool = False,
    tables_in_memory: bool = False,
    verbose: bool = False,
) -> AsyncIterator[Stack]:
    """Start the stack around the function app in the folder `app`; stop it in the end.

    `data` is kept; without it a temporary folder is used and removed. `hosts` processes run the
    app; `port` is that of the first (0: a free one). `settings` are added to the generated ones,
    or replace them. With `itsm` there are ticketing tools that outcomes are written back to. With
    `metered` the app, and nobody else, reaches them all through a meter that counts
    (`Endpoints.meter`). With `tables_in_memory` they do not outlive their process, and save
    nothing, which takes seconds where there are very many rows. GRAPH_ENDPOINT in the environment
    names another Graph, and then none is started.

    Raises ComponentFailed when a component does not start, FolderInUse when another stack runs on
    `data`.
    """
    outside_graph = os.environ.get("GRAPH_ENDPOINT")
    with ExitStack() as resources:
        folder = (data or Path(resources.enter_context(_temporary()))).resolve()
        lock = resources.enter_context(claimed(folder))
        settings_file = folder / "local.settings.json"
        others = stand_ins(
            folder, graph=not outside_graph, itsm=itsm, tables_in_memory=tables_in_memory
        )
        if metered:
            others = [*others, meter(others)]
        last = host_components(
            hosts,
            app=app,
            port=port,
            folder=folder,
            settings_file=settings_file,
            graph=outside_graph,
            overrides=settings or {},
            needs=tuple(component.name for component in others),
        )
        async with Supervisor(
            [*others, *last], folder / "logs", inherited=(lock,), verbose=verbose
        ) as supervisor:
            answers = supervisor.answers
            graph = outside_graph or str(answers["graph"]["graph"])
            yield Stack(supervisor, Endpoints.of(answers, graph=graph, settings=settings_file))


def _temporary() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="sluice-local-", ignore_cleanup_errors=True)
