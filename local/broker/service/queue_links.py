"""Links on queues: clients that send, receive, and receive from a session."""

from typing import TYPE_CHECKING
from uuid import UUID

from local.broker.amqp.link import SENDER, IncomingLink, OutgoingLink
from local.broker.amqp.performatives import Attach, Disposition, rejected
from local.broker.amqp.session import Session as AmqpSession
from local.broker.amqp.types import Described, Long
from local.broker.engine.errors import EngineError
from local.broker.engine.message import MAX_MESSAGE_SIZE, Lock, Message
from local.broker.engine.queue import Queue
from local.broker.engine.sessions import Session
from local.broker.service import session_filter
from local.broker.service.errors import amqp_errors, as_amqp
from local.broker.service.incoming_message import publications
from local.broker.service.outcomes import echo_of, outcome_of
from local.broker.service.outgoing_message import render

if TYPE_CHECKING:
    from local.broker.engine.lane import Lane

_SETTLED = 1
"""The sender settle mode that asks for receive-and-delete."""


class QueueSender(IncomingLink):
    """A client that sends to a queue."""

    max_message_size = MAX_MESSAGE_SIZE

    def __init__(self, session: AmqpSession, request: Attach, queue: Queue) -> None:
        super().__init__(session, request)
        self._queue = queue

    def received(self, payload: bytes, message_format: int) -> None:
        """Publish; a batch is one act."""
        with amqp_errors():
            self._queue.publish(publications(payload, message_format))


class QueueReceiver(OutgoingLink):
    """A client that receives from a queue: a consumer, as the engine sees it."""

    def __init__(self, session: AmqpSession, request: Attach, queue: Queue) -> None:
        super().__init__(session, request)
        self.deletes = request.snd_settle_mode == _SETTLED
        self._queue = queue
        self._lane: Lane | None = None
        self._tokens: dict[int, UUID] = {}

    def opened(self) -> None:
        """Take part in the queue."""
        try:
            self._lane = self._queue.add_consumer(self)
        except EngineError as cause:
            self.refuse(as_amqp(cause))
        else:
            self.accept()

    def closed(self) -> None:
        """Leave the queue."""
        if self._lane is not None:
            self._queue.remove_consumer(self)

    def credited(self) -> None:
        """Take what the new credit allows."""
        if self._lane is not None:
            self._queue.dispatch(self._lane)

    def deliver(self, message: Message, lock: Lock | None) -> None:
        """Send a message, with the lock token as delivery tag (in .NET's byte order)."""
        token = UUID(int=message.sequence) if lock is None else lock.token
        delivery_id = self.send(render(message, lock), tag=token.bytes_le, settled=self.deletes)
        if lock is not None:
            self._tokens[delivery_id] = lock.token

    def disposition(self, delivery_id: int, state: Described | None, *, settled: bool) -> None:
        """Settle, and confirm that unless the client has settled on its own.

        Each delivery is confirmed in a frame of its own: each coroutine that waits in the Python
        SDK needs to read one, or sits out a time-out of 0.2 s.
        """
        token = self._tokens.pop(delivery_id)
        confirmation = echo_of(state)
        try:
            self._queue.settle(token, outcome_of(state))
        except EngineError as cause:
            confirmation = rejected(as_amqp(cause))
        if not settled:
            self.session.send(
                Disposition(role=SENDER, first=delivery_id, settled=True, state=confirmation)
            )


class SessionReceiver(QueueReceiver):
    """A client that receives from one session, which it named or which is the next one."""

    def __init__(self, session: AmqpSession, request: Attach, queue: Queue) -> None:
        super().__init__(session, request, queue)
        self._session: Session | None = None

    def opened(self) -> None:
        """Ask for the session; the answer to the attach waits until there is one."""
        try:
            self._queue.accept_session(
                self,
                session_filter.wanted(self.request.source),
                session_filter.timeout(self.request.properties),
            )
        except EngineError as cause:
            self.refuse(as_amqp(cause))

    def closed(self) -> None:
        """Release the session, or stop to wait for one."""
        self._queue.sessions.leave(self, self._session)

    def granted(self, session: Session) -> None:
        """Attach, and say which session it is and until when it is locked."""
        self._lane = self._session = session
        source = session_filter.granted(self.request.source, session.session_id)
        ticks = session.locked_until * 10_000 + session_filter.TICKS_BEFORE_1970
        self.accept(source=source, properties={session_filter.LOCKED_UNTIL: Long(ticks)})
        if self.credit:  # A client may give credit before it knows of the session.
            self.credited()

    def refused(self, cause: EngineError) -> None:
        """Tell the client that no session came in time."""
        self.refuse(as_amqp(cause))

    def lost(self, cause: EngineError) -> None:
        """Tell the client that its session is locked no more."""
        self.detach(as_amqp(cause))
