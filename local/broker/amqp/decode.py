"""Decode AMQP 1.0 values, within bounds that a hostile peer cannot stretch."""

import struct
from collections.abc import Callable
from uuid import UUID

from local.broker.amqp.errors import DecodeError
from local.broker.amqp.types import (
    Array,
    Byte,
    Described,
    Float,
    Int,
    Long,
    Opaque,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)

MAX_DEPTH = 32
"""How deep values may nest: the call stack must not be the peer's to exhaust."""

# Part 1, section 1.2: the high nibble of a constructor tells how wide the value is.
_FIXED_WIDTH = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
_VARIABLE_WIDTH = {0xA: 1, 0xB: 4, 0xC: 1, 0xD: 4, 0xE: 1, 0xF: 4}
_OPAQUE = {0x73, 0x74, 0x84, 0x94}  # char and the decimals
_CONSTANTS: dict[int, Callable[[], object]] = {
    0x40: lambda: None,
    0x41: lambda: True,
    0x42: lambda: False,
    0x43: lambda: UInt(0),
    0x44: lambda: ULong(0),
    0x45: list,
}


def _number(layout: str, kind: Callable[[int], object]) -> Callable[[bytes], object]:
    read = struct.Struct(layout).unpack
    return lambda data: kind(read(data)[0])


_SCALARS: dict[int, Callable[[bytes], object]] = {
    0x50: _number(">B", UByte),
    0x51: _number(">b", Byte),
    0x52: _number(">B", UInt),
    0x53: _number(">B", ULong),
    0x54: _number(">b", Int),
    0x55: _number(">b", Long),
    0x56: _number(">?", bool),
    0x60: _number(">H", UShort),
    0x61: _number(">h", Short),
    0x70: _number(">I", UInt),
    0x71: _number(">i", Int),
    0x72: lambda data: Float(struct.unpack(">f", data)[0]),
    0x80: _number(">Q", ULong),
    0x81: _number(">q", Long),
    0x82: lambda data: struct.unpack(">d", data)[0],
    0x83: _number(">q", Timestamp),
    0x98: lambda data: UUID(bytes=data),
    0xA0: bytes,
    0xA1: lambda data: data.decode(),
    0xA3: lambda data: Symbol(data.decode("ascii")),
    0xB0: bytes,
    0xB1: lambda data: data.decode(),
    0xB3: lambda data: Symbol(data.decode("ascii")),
}


def decode(data: bytes, at: int = 0) -> tuple[object, int]:
    """Decode the value that starts at `at`; also tell where it ends.

    Raises DecodeError.
    """
    try:
        return _value(data, at, 0)
    except (IndexError, UnicodeDecodeError, struct.error, ValueError, TypeError) as error:
        raise DecodeError(f"malformed value: {error}") from None


def end_of(data: bytes, at: int) -> int:
    """Where the value that starts at `at` ends, without decoding it. Raises DecodeError."""
    pending = 1
    while pending:
        if at >= len(data):
            raise DecodeError("a value is cut short")
        code = data[at]
        at += 1
        if code == 0:  # A described value is two values: the descriptor and what it describes.
            pending += 1
            continue
        at = _extent(data, at, code)[1]
        pending -= 1
    return at


def _extent(data: bytes, at: int, code: int) -> tuple[int, int]:
    """Where the content of a primitive value starts and ends, `at` being after its code."""
    family = code >> 4
    width = _FIXED_WIDTH.get(family)
    if width is None:
        prefix = _VARIABLE_WIDTH.get(family)
        if prefix is None:
            raise DecodeError(f"unknown type 0x{code:02x}")
        width = int.from_bytes(data[at : at + prefix])
        at += prefix
    if at + width > len(data):
        raise DecodeError("a value is cut short")
    return at, at + width


def _value(data: bytes, at: int, depth: int) -> tuple[object, int]:
    code = data[at]
    at += 1
    if code == 0:
        if depth > MAX_DEPTH:
            raise DecodeError("values nest too deep")
        descriptor, at = _value(data, at, depth + 1)
        value, at = _value(data, at, depth + 1)
        return Described(descriptor, value), at
    return _primitive(data, at, code, depth)


def _primitive(data: bytes, at: int, code: int, depth: int) -> tuple[object, int]:
    start, end = _extent(data, at, code)
    scalar = _SCALARS.get(code)
    if scalar is not None:
        return scalar(data[start:end]), end
    constant = _CONSTANTS.get(code)
    if constant is not None:
        return constant(), end
    compound = _COMPOUNDS.get(code)
    if code in _OPAQUE:
        return Opaque(code, data[start:end]), end
    if compound is None:
        raise DecodeError(f"unknown type 0x{code:02x}")
    if depth > MAX_DEPTH:
        raise DecodeError("values nest too deep")
    width = _VARIABLE_WIDTH[code >> 4]
    content = data[start:end]
    count = int.from_bytes(content[:width])
    if count > len(content):  # Every element takes at least one byte.
        raise DecodeError("more elements than bytes")
    return compound(content, width, count, depth + 1), end


def _list(content: bytes, at: int, count: int, depth: int) -> list[object]:
    items: list[object] = []
    for _ in range(count):
        item, at = _value(content, at, depth)
        items.append(item)
    return items


def _map(content: bytes, at: int, count: int, depth: int) -> dict[object, object]:
    if count % 2:
        raise DecodeError("a map has a key without a value")
    items = _list(content, at, count, depth)
    return dict(zip(items[::2], items[1::2], strict=True))


def _array(content: bytes, at: int, count: int, depth: int) -> Array:
    code = content[at]
    at += 1
    if code not in _SCALARS:  # In this protocol arrays hold numbers, ids and names.
        raise DecodeError(f"an array of type 0x{code:02x}")
    items = Array()
    for _ in range(count):
        item, at = _primitive(content, at, code, depth)
        items.append(item)
    return items


_COMPOUNDS: dict[int, Callable[[bytes, int, int, int], object]] = {
    0xC0: _list,
    0xD0: _list,
    0xC1: _map,
    0xD1: _map,
    0xE0: _array,
    0xF0: _array,
}
