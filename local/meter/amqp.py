"""The messages on one AMQP 1.0 connection, by the queue that they go to or come from.

Each message of a batch counts, though all of them go in one transfer.
"""

from collections import defaultdict

from local.broker.amqp.frames import SASL_FRAME, FrameReader
from local.broker.amqp.performatives import (
    Attach,
    Disposition,
    Open,
    Performative,
    Transfer,
    decode_performative,
)
from local.broker.service.address import address_of, path_of
from local.broker.service.incoming_message import publications
from local.meter.http import Note

_LARGEST_FRAME = 1024 * 1024
_LAST_OF_SASL = (b"\x00\x53\x41", b"\x00\x53\x44")
"""The descriptors of sasl-init and sasl-outcome: behind them the protocol begins anew."""


class AmqpMessages:
    """Reads along in both directions."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._client, self._broker = _Direction(), _Direction()

    def sent(self, data: bytes) -> None:
        """Bytes from the client."""
        for performative, payload in self._client.performatives(data):
            match performative:
                case Open(container_id=str(name)):
                    self._note("open", name.partition("-")[0])
                case Attach(role=False, handle=int(handle), target=target):
                    self._client.links[handle] = path_of(address_of(target))
                case Transfer(handle=int(handle)):
                    for _ in range(self._client.messages(performative, payload)):
                        self._note("send", self._client.links[handle])
                case Disposition(role=True):
                    self._note("settle", "")

    def answered(self, data: bytes) -> None:
        """Bytes to the client."""
        for performative, payload in self._broker.performatives(data):
            match performative:
                case Attach(role=False, handle=int(handle), source=source):
                    self._broker.links[handle] = path_of(address_of(source))
                case Transfer(handle=int(handle)):
                    for _ in range(self._broker.messages(performative, payload)):
                        self._note("receive", self._broker.links[handle])


class _Direction:
    """What one of the two says; `links` are those that it sends on."""

    def __init__(self) -> None:
        self.links: dict[int, str] = {}
        self._parts = defaultdict[int | None, list[tuple[Transfer, bytes]]](list)
        self._reader = FrameReader(_LARGEST_FRAME)
        self._header_is_next = True

    def messages(self, transfer: Transfer, payload: bytes) -> int:
        """How many are whole with this transfer: none as long as more of it is to come."""
        parts = self._parts[transfer.handle]
        parts.append((transfer, payload))
        if transfer.more:
            return 0
        del self._parts[transfer.handle]
        first, _ = parts[0]
        return len(publications(b"".join(part for _, part in parts), first.message_format or 0))

    def performatives(self, data: bytes) -> list[tuple[Performative, bytes]]:
        """Those that are whole with these bytes, with their payloads."""
        found: list[tuple[Performative, bytes]] = []
        self._reader.feed(data)
        while True:
            if self._header_is_next and self._reader.header() is None:
                return found
            self._header_is_next = False
            frame = next(self._reader.frames(), None)
            if frame is None:
                return found
            if frame.kind == SASL_FRAME:
                self._header_is_next = frame.body.startswith(_LAST_OF_SASL)
            elif frame.body:
                found.append(decode_performative(frame.body))
