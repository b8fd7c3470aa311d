"""AMQP 1.0 types that Python's own do not tell apart (specification, part 1).

`bool`, `str`, `bytes`, `float`, `list`, `dict`, `uuid.UUID` and `None` stand for boolean, string,
binary, double, list, map, uuid and null. Numbers keep their AMQP type, so that a value echoed to a
peer has the type that the peer sent: a bare `int` cannot be encoded.
"""

from dataclasses import dataclass


class UByte(int):
    """An unsigned 8-bit integer."""


class UShort(int):
    """An unsigned 16-bit integer."""


class UInt(int):
    """An unsigned 32-bit integer."""


class ULong(int):
    """An unsigned 64-bit integer."""


class Byte(int):
    """A signed 8-bit integer."""


class Short(int):
    """A signed 16-bit integer."""


class Int(int):
    """A signed 32-bit integer."""


class Long(int):
    """A signed 64-bit integer."""


class Timestamp(int):
    """Milliseconds since 1970, UTC."""


class Float(float):
    """A 32-bit floating point number; a plain `float` is a double."""


class Symbol(str):
    """An ASCII name from a constrained domain."""

    __slots__ = ()


class Array(list[object]):
    """A sequence whose elements all have one type."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that nobody here computes with (char, decimals), kept as it was encoded."""

    code: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """A value with a descriptor that says what it means."""

    descriptor: object
    value: object
