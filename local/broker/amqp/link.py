"""The broker's ends of links (specification, part 2.6)."""

from typing import TYPE_CHECKING

from local.broker.amqp.errors import AmqpError
from local.broker.amqp.performatives import (
    ACCEPTED,
    Attach,
    Detach,
    Disposition,
    Flow,
    Transfer,
    error,
    rejected,
)
from local.broker.amqp.types import Described

if TYPE_CHECKING:
    from local.broker.amqp.session import Session

SENDER = False
RECEIVER = True
CREDIT = 1000
"""How many messages a peer may send before it has to wait; topped up at half."""
_SERIAL = 1 << 32


class Link:
    """What both ends have in common: a name, a handle, attaching and detaching."""

    def __init__(self, session: "Session", request: Attach) -> None:
        self.session = session
        self.request = request
        self.name = request.name or ""
        # The peer's handle is unique in the session, so it serves for both directions.
        self.handle = request.handle or 0

    def opened(self) -> None:
        """Answer the attach with `accept` or `refuse`, now or later."""
        self.accept()

    def closed(self) -> None:
        """Let go: the link, its session or its connection is gone."""

    def accept(self, *, source: Described | None = None, properties: object = None) -> None:
        """Attach, with the peer's own termini unless there is more to say of the source."""
        answer = self._answer()
        answer.source = source or self.request.source
        answer.target = self.request.target
        if isinstance(properties, dict):
            answer.properties = properties
        self.session.send(answer)

    def refuse(self, cause: AmqpError) -> None:
        """Attach without termini, then detach: part 2.6.3's way to say no."""
        self.session.remove(self)
        self.session.send(self._answer())
        self.session.send(Detach(handle=self.handle, closed=True, error=error(cause)))

    def detach(self, cause: AmqpError) -> None:
        """End the link from this side."""
        if self.session.remove(self):
            self.session.send(Detach(handle=self.handle, closed=True, error=error(cause)))

    def _answer(self) -> Attach:
        return Attach(
            name=self.name,
            handle=self.handle,
            role=not self.request.role,
            snd_settle_mode=self.request.snd_settle_mode,
            rcv_settle_mode=self.request.rcv_settle_mode,
            initial_delivery_count=0 if self.request.role == RECEIVER else None,
        )


class IncomingLink(Link):
    """A link on which the peer sends: puts frames together and answers each message."""

    max_message_size = 1 << 20

    def __init__(self, session: "Session", request: Attach) -> None:
        super().__init__(session, request)
        self._delivery_count = request.initial_delivery_count or 0
        self._credit = CREDIT
        self._first: Transfer | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def received(self, payload: bytes, message_format: int) -> None:
        """Take a whole message. Raises AmqpError to reject it."""
        raise NotImplementedError

    def accept(self, *, source: Described | None = None, properties: object = None) -> None:
        """Attach and give the peer credit."""
        super().accept(source=source, properties=properties)
        self._give_credit()

    def _answer(self) -> Attach:
        answer = super()._answer()
        answer.max_message_size = self.max_message_size
        return answer

    def transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Take one frame of a message."""
        self._first = self._first or transfer
        self._size += len(payload)
        if self._size <= self.max_message_size:
            self._parts.append(payload)
        if transfer.more and not transfer.aborted:
            return
        first, parts, size = self._first, self._parts, self._size
        self._first, self._parts, self._size = None, [], 0
        self._delivery_count = (self._delivery_count + 1) % _SERIAL
        self._credit -= 1
        if not transfer.aborted:
            settled = first.settled or transfer.settled or False
            self._finish(first, b"".join(parts), size, settled=settled)
        if self._credit <= CREDIT // 2:
            self._credit = CREDIT
            self._give_credit()

    def _finish(self, first: Transfer, payload: bytes, size: int, *, settled: bool) -> None:
        state = ACCEPTED
        try:
            self._check_size(size)
            self.received(payload, first.message_format or 0)
        except AmqpError as cause:
            state = rejected(cause)
        if not settled:
            self.session.send(
                Disposition(role=RECEIVER, first=first.delivery_id, settled=True, state=state)
            )

    def _check_size(self, size: int) -> None:
        if size > self.max_message_size:
            raise AmqpError(
                "amqp:link:message-size-exceeded",
                f"{size} bytes are more than the {self.max_message_size} that are allowed",
            )

    def _give_credit(self) -> None:
        self.session.send_flow(
            handle=self.handle, delivery_count=self._delivery_count, link_credit=self._credit
        )


class OutgoingLink(Link):
    """A link on which the peer receives: spends the peer's credit."""

    def __init__(self, session: "Session", request: Attach) -> None:
        super().__init__(session, request)
        self.credit = 0
        self._delivery_count = 0

    def credited(self) -> None:
        """Use the new credit, if there is something to send."""

    def disposition(self, delivery_id: int, state: Described | None, *, settled: bool) -> None:
        """Take the peer's verdict on a delivery."""

    def flow(self, flow: Flow) -> None:
        """Take the peer's credit; a peer that drains gets what there is and its credit back."""
        if flow.link_credit is not None:
            seen = flow.delivery_count or 0
            in_flight = (self._delivery_count - seen) % _SERIAL
            self.credit = max(flow.link_credit - in_flight, 0)
            if self.credit:
                self.credited()
        if flow.drain:
            self._delivery_count = (self._delivery_count + self.credit) % _SERIAL
            self.credit = 0
        if flow.drain or flow.echo:
            self.session.send_flow(
                handle=self.handle,
                delivery_count=self._delivery_count,
                link_credit=self.credit,
                available=0,
                drain=flow.drain,
            )

    def send(self, payload: bytes, *, tag: bytes, settled: bool) -> int:
        """Send a message for one credit. Returns the delivery id."""
        self.credit -= 1
        self._delivery_count = (self._delivery_count + 1) % _SERIAL
        return self.session.send_delivery(self, payload, tag=tag, settled=settled)
