"""Group commit: one transaction for each turn of the loop, before anybody hears of it."""

import asyncio
import logging
from collections.abc import Callable

from local.broker.amqp.connection import Connection

log = logging.getLogger(__name__)


class Turn:
    """Collects what a turn of the event loop changes and writes.

    `commit` runs before the turn's bytes go to any socket: an acknowledged send or settlement is
    durable, and nothing that is not durable is delivered.
    """

    def __init__(self, commit: Callable[[], None], failed: Callable[[], None]) -> None:
        self._commit = commit
        self._failed = failed
        self._connections: list[Connection] = []
        self._scheduled = False

    def changed(self) -> None:
        """See to it that the turn ends with a commit."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._end)

    def flush_soon(self, connection: Connection) -> None:
        """See to it that the turn ends with a commit and then a flush of the connection."""
        self._connections.append(connection)
        self.changed()

    def _end(self) -> None:
        self._scheduled = False
        connections, self._connections = self._connections, []
        try:
            self._commit()
        except Exception:
            log.critical("the broker stops: it cannot store what it holds", exc_info=True)
            self._failed()
            return
        for connection in connections:
            connection.flush()
