"""The sections of an encoded message (specification, part 3.2), cut apart without decoding them.

What a sender wrote reaches the receiver byte for byte; only annotations are added to.
"""

from collections.abc import Iterator, Mapping

from local.broker.amqp.decode import end_of
from local.broker.amqp.encode import encode_described, encode_map
from local.broker.amqp.errors import DecodeError

HEADER = 0x70
DELIVERY_ANNOTATIONS = 0x71
MESSAGE_ANNOTATIONS = 0x72
PROPERTIES = 0x73
APPLICATION_PROPERTIES = 0x74
DATA = 0x75
SEQUENCE = 0x76
VALUE = 0x77
FOOTER = 0x78

_MAPS = {0xC1: 1, 0xD1: 4}
_DESCRIPTORS = {b"\x53": 1, b"\x80": 8}


def split(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the code of each section and its encoded value. Raises DecodeError."""
    at = 0
    while at < len(message):
        if message[at] != 0:
            raise DecodeError("a message consists of described sections")
        width = _DESCRIPTORS.get(message[at + 1 : at + 2])
        if width is None:
            raise DecodeError("a section has a numeric descriptor")
        start = at + 2 + width
        code = int.from_bytes(message[at + 2 : start])
        if not HEADER <= code <= FOOTER:
            raise DecodeError(f"unknown section 0x{code:x}")
        at = end_of(message, start)
        yield code, message[start:at]


def section(code: int, value: bytes) -> bytes:
    """Give an encoded value its section's descriptor."""
    return encode_described(code, value)


def with_entries(encoded_map: bytes | None, entries: Mapping[bytes, bytes]) -> bytes:
    """Add encoded `entries` to an encoded map; they replace entries with the same key."""
    parts = [
        part for key, value in _entries(encoded_map) if key not in entries for part in (key, value)
    ]
    parts.extend(part for pair in entries.items() for part in pair)
    return encode_map(parts)


def _entries(encoded_map: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    if encoded_map is None or encoded_map == b"\x40":
        return
    width = _MAPS.get(encoded_map[0])
    if width is None:
        raise DecodeError("annotations and application properties are maps")
    at = 1 + 2 * width
    while at < len(encoded_map):
        value_at = end_of(encoded_map, at)
        end = end_of(encoded_map, value_at)
        yield encoded_map[at:value_at], encoded_map[value_at:end]
        at = end
