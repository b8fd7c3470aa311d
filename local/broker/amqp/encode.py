"""Encode AMQP 1.0 values (specification, part 1, section 1.6)."""

import struct
from collections.abc import Callable, Iterable
from uuid import UUID

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

_SMALL = 256


def encode(value: object) -> bytes:
    """Encode `value`. Raises TypeError if its Python type has no AMQP type of its own."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise TypeError(f"{type(value).__name__} has no AMQP type")
    return encoder(value)


def encode_list(items: Iterable[bytes]) -> bytes:
    """Encode a list of values that are encoded already."""
    encoded = list(items)
    if not encoded:
        return b"\x45"
    return _compound(0xC0, b"".join(encoded), len(encoded))


def encode_map(entries: Iterable[bytes]) -> bytes:
    """Encode a map of alternating keys and values that are encoded already."""
    encoded = list(entries)
    return _compound(0xC1, b"".join(encoded), len(encoded))


def encode_described(code: int, value: bytes) -> bytes:
    """Put the descriptor `code` of the specification in front of an encoded value."""
    return bytes((0x00, 0x53, code)) + value


def _compound(small_code: int, content: bytes, count: int) -> bytes:
    if len(content) + 1 < _SMALL and count < _SMALL:
        return bytes((small_code, len(content) + 1, count)) + content
    return struct.pack(">BII", small_code + 0x10, len(content) + 4, count) + content


def _variable(small_code: int, content: bytes) -> bytes:
    if len(content) < _SMALL:
        return bytes((small_code, len(content))) + content
    return struct.pack(">BI", small_code + 0x10, len(content)) + content


def _fixed(code: int, layout: str) -> Callable[..., bytes]:
    pack = struct.Struct(">B" + layout).pack
    return lambda value: pack(code, value)


def _unsigned(code: int, layout: str, *, zero: int, small: int) -> Callable[..., bytes]:
    pack = struct.Struct(">B" + layout).pack

    def write(value: int) -> bytes:
        if value == 0:
            return bytes((zero,))
        if 0 < value < _SMALL:
            return bytes((small, value))
        return pack(code, value)

    return write


def _array(value: Array) -> bytes:
    """Encode elements at full width: an array has one constructor for all of them."""
    kinds = {type(item) for item in value}
    if len(kinds) > 1:
        raise TypeError("the elements of an array have one type")
    code, write = _ARRAY_ELEMENTS[kinds.pop() if kinds else Long]
    content = bytes((code,)) + b"".join(write(item) for item in value)
    return struct.pack(">BII", 0xF0, len(content) + 4, len(value)) + content


def _long(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


_ARRAY_ELEMENTS: dict[type, tuple[int, Callable[..., bytes]]] = {
    UByte: (0x50, struct.Struct(">B").pack),
    Byte: (0x51, struct.Struct(">b").pack),
    bool: (0x56, struct.Struct(">?").pack),
    UShort: (0x60, struct.Struct(">H").pack),
    Short: (0x61, struct.Struct(">h").pack),
    UInt: (0x70, struct.Struct(">I").pack),
    Int: (0x71, struct.Struct(">i").pack),
    Float: (0x72, struct.Struct(">f").pack),
    ULong: (0x80, struct.Struct(">Q").pack),
    Long: (0x81, struct.Struct(">q").pack),
    float: (0x82, struct.Struct(">d").pack),
    Timestamp: (0x83, struct.Struct(">q").pack),
    UUID: (0x98, lambda value: value.bytes),
    bytes: (0xB0, _long),
    str: (0xB1, lambda value: _long(value.encode())),
    Symbol: (0xB3, lambda value: _long(value.encode("ascii"))),
}

_ENCODERS: dict[type, Callable[..., bytes]] = {
    type(None): lambda _: b"\x40",
    bool: lambda value: b"\x41" if value else b"\x42",
    UByte: _fixed(0x50, "B"),
    Byte: _fixed(0x51, "b"),
    UShort: _fixed(0x60, "H"),
    Short: _fixed(0x61, "h"),
    UInt: _unsigned(0x70, "I", zero=0x43, small=0x52),
    ULong: _unsigned(0x80, "Q", zero=0x44, small=0x53),
    Int: _fixed(0x71, "i"),
    Long: _fixed(0x81, "q"),
    Timestamp: _fixed(0x83, "q"),
    Float: _fixed(0x72, "f"),
    float: _fixed(0x82, "d"),
    UUID: lambda value: b"\x98" + value.bytes,
    bytes: lambda value: _variable(0xA0, value),
    str: lambda value: _variable(0xA1, value.encode()),
    Symbol: lambda value: _variable(0xA3, value.encode("ascii")),
    Opaque: lambda value: bytes((value.code,)) + value.data,
    Array: _array,
    list: lambda value: encode_list(map(encode, value)),
    dict: lambda value: encode_map(encode(part) for pair in value.items() for part in pair),
    Described: lambda value: b"\x00" + encode(value.descriptor) + encode(value.value),
}
