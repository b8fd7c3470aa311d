"""One AMQP session: windows, handles, delivery ids (specification, part 2.5)."""

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from local.broker.amqp.errors import AmqpError
from local.broker.amqp.frames import frame
from local.broker.amqp.link import IncomingLink, Link, OutgoingLink
from local.broker.amqp.performatives import (
    Attach,
    Begin,
    Detach,
    Disposition,
    Flow,
    Performative,
    Transfer,
)

if TYPE_CHECKING:
    from local.broker.amqp.connection import Connection

HANDLE_MAX = 4095
INCOMING_WINDOW = 65_535
_SERIAL = 1 << 32  # Ids are serial numbers of 32 bits and wrap (RFC 1982).


class Session:
    """The broker's end of a session."""

    def __init__(self, connection: "Connection", channel: int, request: Begin) -> None:
        self.connection = connection
        self.links: dict[int, Link] = {}
        self._channel = channel
        self._next_incoming_id = request.next_outgoing_id or 0
        self._next_outgoing_id = 0
        self._next_delivery_id = 0
        self._peer_window = request.incoming_window or 0
        self._waiting: deque[tuple[Transfer, bytes]] = deque()
        self._unsettled: dict[int, OutgoingLink] = {}

    def begin(self) -> None:
        """Answer the peer's `begin`."""
        answer = Begin(
            remote_channel=self._channel,
            next_outgoing_id=self._next_outgoing_id,
            incoming_window=INCOMING_WINDOW,
            outgoing_window=INCOMING_WINDOW,
            handle_max=HANDLE_MAX,
        )
        self.send(answer)

    def send(self, performative: Performative) -> None:
        """Send a performative on this session's channel."""
        self.connection.send(performative, self._channel)

    def abandon(self) -> None:
        """Let go of all links: the peer ended the session or is gone."""
        links, self.links = list(self.links.values()), {}
        for link in links:
            link.closed()

    def remove(self, link: Link) -> bool:
        """Forget a link and what it delivered; False if that happened before."""
        if self.links.pop(link.handle, None) is None:
            return False
        self._unsettled = {key: each for key, each in self._unsettled.items() if each is not link}
        return True

    # What links send

    def send_flow(self, **link_state: int | bool | None) -> None:
        """Send the session's state, and a link's when given."""
        flow = Flow(
            next_incoming_id=self._next_incoming_id,
            incoming_window=INCOMING_WINDOW,
            next_outgoing_id=self._next_outgoing_id,
            outgoing_window=INCOMING_WINDOW,
        )
        for name, value in link_state.items():
            setattr(flow, name, value)
        self.send(flow)

    def send_delivery(
        self, link: OutgoingLink, payload: bytes, *, tag: bytes, settled: bool
    ) -> int:
        """Send a message in as many frames as it takes, when the peer's window allows.

        Returns the delivery id.
        """
        delivery_id = self._next_delivery_id
        self._next_delivery_id = (delivery_id + 1) % _SERIAL
        if not settled:
            self._unsettled[delivery_id] = link
        # Room for the largest transfer performative that is written here.
        size = self.connection.max_frame_size - 64
        for start in range(0, len(payload), size):
            transfer = Transfer(
                handle=link.handle,
                delivery_id=delivery_id,
                delivery_tag=tag,
                message_format=0,
                settled=settled,
                more=start + size < len(payload),
            )
            self._waiting.append((transfer, payload[start : start + size]))
        self._send_waiting()
        return delivery_id

    def _send_waiting(self) -> None:
        while self._waiting and self._peer_window > 0:
            transfer, payload = self._waiting.popleft()
            self._peer_window -= 1
            self._next_outgoing_id = (self._next_outgoing_id + 1) % _SERIAL
            self.connection.write(frame(transfer.encode() + payload, channel=self._channel))

    # What the peer sends

    def handle(self, performative: Performative, payload: bytes) -> None:
        """Handle one frame of the session."""
        match performative:
            case Attach():
                self._attach(performative)
            case Flow():
                self._flow(performative)
            case Transfer():
                self._next_incoming_id = (self._next_incoming_id + 1) % _SERIAL
                link = self.links.get(performative.handle or 0)
                # Frames may still arrive for a link that was just detached.
                if isinstance(link, IncomingLink):
                    link.transfer(performative, payload)
            case Disposition():
                self._disposition(performative)
            case Detach():
                link = self.links.get(performative.handle or 0)
                if link is not None:
                    self.remove(link)
                    link.closed()
                    self.send(Detach(handle=link.handle, closed=performative.closed))
            case _:
                raise AmqpError("amqp:not-allowed", f"unexpected {type(performative).__name__}")

    def _attach(self, request: Attach) -> None:
        if request.handle is None or request.role is None or request.name is None:
            raise AmqpError("amqp:invalid-field", "attach needs a name, a handle and a role")
        if request.handle > HANDLE_MAX or request.handle in self.links:
            raise AmqpError("amqp:session:handle-in-use", f"handle {request.handle}")
        try:
            link = self.connection.container.new_link(self, request)
        except AmqpError as cause:
            Link(self, request).refuse(cause)
            return
        self.links[link.handle] = link
        link.opened()

    def _flow(self, flow: Flow) -> None:
        if flow.incoming_window is not None:
            expected = 0 if flow.next_incoming_id is None else flow.next_incoming_id
            in_flight = (self._next_outgoing_id - expected) % _SERIAL
            self._peer_window = max(flow.incoming_window - in_flight, 0)
            self._send_waiting()
        if flow.handle is None:
            if flow.echo:
                self.send_flow()
            return
        link = self.links.get(flow.handle)
        if isinstance(link, OutgoingLink):
            link.flow(flow)

    def _disposition(self, disposition: Disposition) -> None:
        # Only deliveries to the peer have a state here; its own are settled when they arrive.
        # Those of a detached link are forgotten: their settlement comes through `$management`.
        if not disposition.role or disposition.first is None:
            return
        for delivery_id in self._tracked(disposition.first, disposition.last):
            link = self._unsettled.pop(delivery_id)
            link.disposition(delivery_id, disposition.state, settled=disposition.settled or False)

    def _tracked(self, first: int, last: int | None) -> Iterable[int]:
        if last is None or last == first:
            return (first,) if first in self._unsettled else ()
        # The range is the peer's to choose: walk what is tracked, not the range.
        span = (last - first) % _SERIAL
        return [each for each in self._unsettled if (each - first) % _SERIAL <= span]
