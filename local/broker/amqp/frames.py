"""Frames (specification, part 2.3): cut them out of a stream, wrap them for one."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from local.broker.amqp.errors import AmqpError

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"
AMQP_FRAME = 0
SASL_FRAME = 1
MIN_MAX_FRAME_SIZE = 512
"""Every peer accepts frames of this size (specification, part 2.7.1)."""

_PREFIX = struct.Struct(">IBBH")


class Frame(NamedTuple):
    """One frame without its header."""

    kind: int
    channel: int
    body: bytes


def frame(body: bytes, *, channel: int = 0, kind: int = AMQP_FRAME) -> bytes:
    """Wrap `body`, which may be empty: an empty frame keeps a connection alive."""
    return _PREFIX.pack(_PREFIX.size + len(body), 2, kind, channel) + body


class FrameReader:
    """Collects bytes and gives protocol headers and frames back, one at a time."""

    def __init__(self, max_frame_size: int) -> None:
        self._max = max_frame_size
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        self._buffer += data

    def header(self) -> bytes | None:
        """Take a protocol header, when its eight bytes are there."""
        if len(self._buffer) < len(AMQP_HEADER):
            return None
        header = bytes(self._buffer[: len(AMQP_HEADER)])
        del self._buffer[: len(AMQP_HEADER)]
        return header

    def frames(self) -> Iterator[Frame]:
        """Take the complete frames. Raises AmqpError if one is too large or too small."""
        while len(self._buffer) >= _PREFIX.size:
            size, offset, kind, channel = _PREFIX.unpack_from(self._buffer)
            start = offset * 4
            if not _PREFIX.size <= start <= size <= self._max:
                raise AmqpError("amqp:connection:framing-error", f"a frame of {size} bytes")
            if len(self._buffer) < size:
                return
            body = bytes(self._buffer[start:size])
            del self._buffer[:size]
            yield Frame(kind, channel, body)
