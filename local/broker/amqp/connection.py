"""One AMQP connection: SASL, open, sessions by channel, close."""

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from local.broker.amqp import frames, sasl
from local.broker.amqp.errors import AmqpError
from local.broker.amqp.frames import FrameReader, frame
from local.broker.amqp.link import Link
from local.broker.amqp.performatives import (
    Attach,
    Begin,
    Close,
    End,
    Open,
    Performative,
    decode_performative,
    error,
)
from local.broker.amqp.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FRAME_SIZE = 65_536
"""What the service announces on its standard tier."""
CHANNEL_MAX = 255

log = logging.getLogger(__name__)


class Container(Protocol):
    """What a connection needs from the application behind it."""

    container_id: str

    def new_link(self, session: Session, attach: Attach) -> Link:
        """Make the local end of a link. Raises AmqpError to refuse it."""

    def flush_soon(self, connection: "Connection") -> None:
        """Call `connection.flush` at the end of this turn of the loop, after a commit."""

    def connected(self, connection: "Connection") -> None:
        """Take note of a new connection."""

    def disconnected(self, connection: "Connection") -> None:
        """Take note that a connection and all of its links are gone."""


class Connection(asyncio.Protocol):
    """The broker's end of one TCP connection.

    Whatever is written waits for `flush`, so that the container can make the effects of a turn
    durable before a peer hears of them.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self.max_frame_size = frames.MIN_MAX_FRAME_SIZE
        self._transport: asyncio.Transport | None = None
        self._reader = FrameReader(MAX_FRAME_SIZE)
        self._output: list[bytes] = []
        self._sessions: dict[int, Session] = {}
        self._receive: Callable[[], bool] = self._receive_sasl_header
        self._heartbeat: asyncio.TimerHandle | None = None
        self._closing = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to listen."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self.container.connected(self)

    def data_received(self, data: bytes) -> None:
        """Handle everything that is complete; a fault of the peer ends only this connection."""
        if self._closing:
            return
        self._reader.feed(data)
        try:
            while self._receive():
                pass
        except AmqpError as cause:
            log.info("connection closed: %s", cause)
            self._close(cause)
        except Exception:
            log.exception("connection closed because of a fault in the broker")
            self._close(AmqpError("amqp:internal-error", "the broker failed"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of everything that the peer held."""
        self._closing = True
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            session.abandon()
        self.container.disconnected(self)

    # Output

    def send(self, performative: Performative, channel: int) -> None:
        """Send a performative that has no payload."""
        self.write(frame(performative.encode(), channel=channel))

    def write(self, data: bytes) -> None:
        """Send bytes at the end of this turn."""
        if not self._output:
            self.container.flush_soon(self)
        self._output.append(data)

    def flush(self) -> None:
        """Hand what was written to the transport."""
        output, self._output = self._output, []
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(b"".join(output))
        if self._closing:
            self._transport.close()

    def abort(self) -> None:
        """Drop the connection together with all that was not yet flushed."""
        self._output.clear()
        if self._transport is not None:
            self._transport.abort()

    # Input, stage by stage

    def _receive_sasl_header(self) -> bool:
        header = self._reader.header()
        if header is None:
            return False
        self.write(frames.SASL_HEADER)
        if header != frames.SASL_HEADER:  # Part 2.2: answer with what is supported, then close.
            self._closing = True
            return False
        self.write(frame(sasl.mechanisms(), kind=frames.SASL_FRAME))
        self._receive = self._receive_sasl_init
        return True

    def _receive_sasl_init(self) -> bool:
        for received in self._reader.frames():
            accepted = received.kind == frames.SASL_FRAME and sasl.accepts(received.body)
            self.write(frame(sasl.outcome(accepted=accepted), kind=frames.SASL_FRAME))
            self._closing = not accepted
            self._receive = self._receive_header
            return accepted
        return False

    def _receive_header(self) -> bool:
        header = self._reader.header()
        if header is None:
            return False
        self.write(frames.AMQP_HEADER)
        if header != frames.AMQP_HEADER:
            self._closing = True
            return False
        self._receive = self._receive_frames
        return True

    def _receive_frames(self) -> bool:
        for received in self._reader.frames():
            if received.kind != frames.AMQP_FRAME:
                raise AmqpError("amqp:not-allowed", "only AMQP frames after the header")
            if received.body:
                self._handle(received.channel, *decode_performative(received.body))
            if self._closing:
                return False
        return False

    def _handle(self, channel: int, performative: Performative, payload: bytes) -> None:
        match performative:
            case Open():
                self._open(performative)
            case Begin():
                self._begin(channel, performative)
            case Close():
                self._close(None)
            case End():
                session = self._sessions.pop(channel, None)
                if session is not None:
                    session.abandon()
                    self.send(End(), channel)
            case _:
                session = self._sessions.get(channel)
                # The Python SDK goes on to detach links on a channel that it has ended.
                if session is not None:
                    session.handle(performative, payload)

    def _open(self, request: Open) -> None:
        self.max_frame_size = max(
            frames.MIN_MAX_FRAME_SIZE, min(request.max_frame_size or MAX_FRAME_SIZE, MAX_FRAME_SIZE)
        )
        # No idle time-out of our own: a client that stands in a debugger keeps its links.
        answer = Open(
            container_id=self.container.container_id,
            max_frame_size=MAX_FRAME_SIZE,
            channel_max=CHANNEL_MAX,
        )
        self.send(answer, 0)
        if request.idle_time_out:
            self._keep_alive(max(request.idle_time_out / 2000, 0.1))

    def _keep_alive(self, seconds: float) -> None:
        self.write(frame(b""))
        loop = asyncio.get_running_loop()
        self._heartbeat = loop.call_later(seconds, self._keep_alive, seconds)

    def _begin(self, channel: int, request: Begin) -> None:
        if channel > CHANNEL_MAX or channel in self._sessions:
            raise AmqpError("amqp:not-allowed", f"channel {channel} cannot begin")
        session = self._sessions[channel] = Session(self, channel, request)
        session.begin()

    def _close(self, cause: AmqpError | None) -> None:
        self.send(Close(error=None if cause is None else error(cause)), 0)
        self._closing = True
