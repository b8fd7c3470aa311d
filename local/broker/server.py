"""The broker as one thing that starts, listens and stops."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from local.broker.amqp.connection import Connection
from local.broker.clock import LoopClock
from local.broker.engine.journal import NoJournal
from local.broker.engine.namespace import Namespace
from local.broker.engine.settings import QueueSettings
from local.broker.service.auth import SharedAccessKey
from local.broker.service.container import ServiceBusContainer
from local.broker.store import SqliteJournal
from local.broker.turn import Turn

HOST = "127.0.0.1"
"""Loopback alone: the emulator flag of connection strings means no encryption."""
DEVELOPMENT_KEY = SharedAccessKey("RootManageSharedAccessKey", "SAS_KEY_VALUE")
"""The official emulator's well-known key."""


class Broker:
    """`async with Broker(read_config()) as broker:` serves until the block ends.

    Without `data` everything is gone then; with it, the folder keeps all but the locks.
    """

    def __init__(
        self, queues: Sequence[QueueSettings], *, port: int = 0, data: Path | None = None
    ) -> None:
        self.port = port
        self._queues = queues
        self._data = data
        self._stack = contextlib.ExitStack()
        self._server: asyncio.Server | None = None
        self._container: ServiceBusContainer | None = None

    @property
    def amqp(self) -> str:
        """The address as a URL."""
        return f"amqp://{HOST}:{self.port}"

    @property
    def connection_string(self) -> str:
        """What Microsoft's SDKs take to find this broker."""
        return (
            f"Endpoint=sb://{HOST}:{self.port};SharedAccessKeyName={DEVELOPMENT_KEY.name};"
            f"SharedAccessKey={DEVELOPMENT_KEY.key};UseDevelopmentEmulator=true;"
        )

    async def __aenter__(self) -> Self:
        """Load, then listen."""
        clock = LoopClock()
        turn = Turn(self._commit, self._stop)
        self._journal = None if self._data is None else SqliteJournal(self._data, turn.changed)
        namespace = Namespace(self._queues, clock, self._journal or NoJournal())
        container = ServiceBusContainer(namespace, DEVELOPMENT_KEY, clock, turn.flush_soon)
        self._container = container
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(container), HOST, self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Drop all connections and close the store."""
        self._stop()
        if self._server is not None:
            await self._server.wait_closed()
        # Connections tell the engine of their end in a turn of the loop of their own.
        await asyncio.sleep(0)
        if self._journal is not None:
            self._journal.close()

    def _commit(self) -> None:
        if self._journal is not None:
            self._journal.commit()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._container is not None:
            for connection in self._container.connections():
                connection.abort()
