"""The broker as an AMQP container: which link a client gets, and with which right."""

from collections.abc import Callable
from functools import partial

from local.broker.amqp.connection import Connection
from local.broker.amqp.errors import AmqpError
from local.broker.amqp.link import RECEIVER, Link
from local.broker.amqp.performatives import Attach
from local.broker.amqp.session import Session
from local.broker.clock import Clock
from local.broker.engine.namespace import Namespace
from local.broker.service import cbs, management, session_filter
from local.broker.service.address import CBS, MANAGEMENT_SUFFIX, address_of, path_of
from local.broker.service.auth import Claims, SharedAccessKey
from local.broker.service.errors import amqp_errors
from local.broker.service.queue_links import QueueReceiver, QueueSender, SessionReceiver
from local.broker.service.requests import Handler, RequestLink, ResponseLink


class ServiceBusContainer:
    """Makes links for clients that have proved, through `$cbs`, that they may have them."""

    container_id = "sluice-broker"

    def __init__(
        self,
        namespace: Namespace,
        key: SharedAccessKey,
        clock: Clock,
        flush_soon: Callable[[Connection], None],
    ) -> None:
        self.flush_soon = flush_soon
        self._namespace = namespace
        self._key = key
        self._clock = clock
        self._claims: dict[Connection, Claims] = {}

    def connections(self) -> list[Connection]:
        """Give the connections that are open now."""
        return list(self._claims)

    def connected(self, connection: Connection) -> None:
        """Start with no claims."""
        self._claims[connection] = Claims(self._clock)

    def disconnected(self, connection: Connection) -> None:
        """Forget a connection's claims."""
        self._claims.pop(connection, None)

    def new_link(self, session: Session, attach: Attach) -> Link:
        """Make the link that a client asks for. Raises AmqpError if it cannot have it."""
        claims = self._claims[session.connection]
        terminus = attach.source if attach.role == RECEIVER else attach.target
        path = path_of(address_of(terminus))
        if path.lower() == CBS:
            put_token = partial(
                cbs.put_token,
                key=self._key,
                namespace=self._namespace,
                claims=claims,
                clock=self._clock,
            )
            return _pair(session, attach, put_token)
        if not claims.allow(path.lower()):
            raise AmqpError("amqp:unauthorized-access", f"no valid token for '{path}'")
        if path.lower().endswith(MANAGEMENT_SUFFIX):
            with amqp_errors():
                queue = self._namespace.find(path[: -len(MANAGEMENT_SUFFIX)])
            return _pair(session, attach, partial(management.handle, queue=queue))
        return self._queue_link(session, attach, path)

    def _queue_link(self, session: Session, attach: Attach, path: str) -> Link:
        with amqp_errors():
            queue = self._namespace.find(path)
        if attach.role != RECEIVER:
            return QueueSender(session, attach, queue)
        if session_filter.is_present(attach.source):
            return SessionReceiver(session, attach, queue)
        return QueueReceiver(session, attach, queue)


def _pair(session: Session, attach: Attach, handler: Handler) -> Link:
    if attach.role == RECEIVER:
        return ResponseLink(session, attach)
    return RequestLink(session, attach, handler)
