"""Requests and responses over a pair of links: the way of `$cbs` and `$management`."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from local.broker.amqp import sections
from local.broker.amqp.decode import decode
from local.broker.amqp.encode import encode
from local.broker.amqp.errors import AmqpError
from local.broker.amqp.link import IncomingLink, OutgoingLink
from local.broker.amqp.performatives import Attach
from local.broker.amqp.session import Session
from local.broker.service.address import address_of, path_of

_MESSAGE_ID, _REPLY_TO, _CORRELATION_ID = 0, 4, 5  # Positions in the properties (part 3.2.4)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its message carries it."""

    message_id: object
    reply_to: object
    properties: dict[object, object]
    body: object

    @classmethod
    def decode(cls, payload: bytes) -> "Request":
        """Read a message with an amqp-value body. Raises DecodeError."""
        found = {code: decode(value)[0] for code, value in sections.split(payload)}
        fields = found.get(sections.PROPERTIES)
        listed = [*(fields if isinstance(fields, list) else []), *[None] * (_REPLY_TO + 1)]
        properties = found.get(sections.APPLICATION_PROPERTIES)
        return cls(
            listed[_MESSAGE_ID],
            listed[_REPLY_TO],
            properties if isinstance(properties, dict) else {},
            found.get(sections.VALUE),
        )


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: application properties that hold the status, and a body."""

    properties: dict[object, object]
    body: object = None

    def encode(self, request: Request) -> bytes:
        """Encode the answer to `request`, whose id comes back in the type that it had."""
        fields = [None] * _CORRELATION_ID + [request.message_id]
        return (
            sections.section(sections.PROPERTIES, encode(fields))
            + sections.section(sections.APPLICATION_PROPERTIES, encode(self.properties))
            + sections.section(sections.VALUE, encode(self.body))
        )


Handler = Callable[[Request], Response]


class RequestLink(IncomingLink):
    """A client that sends requests to a node."""

    def __init__(self, session: Session, request: Attach, handler: Handler) -> None:
        super().__init__(session, request)
        self._handler = handler
        self._node = path_of(address_of(request.target)).lower()

    def received(self, payload: bytes, message_format: int) -> None:  # noqa: ARG002 - the base's
        """Handle a request and answer it on the link that belongs to the same node."""
        request = Request.decode(payload)
        candidates = [
            link
            for link in self.session.links.values()
            if isinstance(link, ResponseLink) and link.node == self._node
        ]
        if not candidates:
            raise AmqpError("amqp:precondition-failed", "there is no link for the response")
        # Several clients may share a session; `$cbs` requests of the Python SDK name no reply-to.
        answer = next((link for link in candidates if link.address == request.reply_to), None)
        (answer or candidates[-1]).respond(self._handler(request).encode(request))


class ResponseLink(OutgoingLink):
    """A client that waits for responses from a node."""

    def __init__(self, session: Session, request: Attach) -> None:
        super().__init__(session, request)
        self.node = path_of(address_of(request.source)).lower()
        self.address = address_of(request.target)
        self._waiting: deque[bytes] = deque()
        self._sent = 0

    def respond(self, payload: bytes) -> None:
        """Send a response as soon as there is credit for it."""
        self._waiting.append(payload)
        self.credited()

    def credited(self) -> None:
        """Send what waits."""
        while self._waiting and self.credit > 0:
            self._sent += 1
            self.send(self._waiting.popleft(), tag=self._sent.to_bytes(4), settled=True)
