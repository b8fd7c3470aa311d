# ruff: noqa: RUF009 - wire() is dataclasses.field() with a type
"""The performatives and delivery states (specification, parts 2.7 and 3.4) as data classes.

A field is named and placed as in the specification; `wire` gives the type it has on the wire.
"""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from local.broker.amqp.decode import decode
from local.broker.amqp.encode import encode, encode_described, encode_list
from local.broker.amqp.errors import AmqpError, DecodeError
from local.broker.amqp.types import Described, Symbol, UByte, UInt, ULong, UShort


def wire(kind: type) -> Any:
    """Declare a field that is null by default and has the AMQP type `kind`."""
    return field(default=None, metadata={"kind": kind})


@dataclass(slots=True)
class Performative:
    """One composite type: a descriptor and a list of fields."""

    CODE: ClassVar[int]

    def encode(self) -> bytes:
        """Encode with trailing nulls left out."""
        values = []
        for name, kind in _LAYOUTS[type(self)]:
            value = getattr(self, name)
            values.append(
                encode(value if value is None or isinstance(value, kind) else kind(value))
            )
        while values and values[-1] == b"\x40":
            values.pop()
        return encode_described(self.CODE, encode_list(values))


@dataclass(slots=True)
class Open(Performative):
    """Negotiate a connection."""

    CODE: ClassVar[int] = 0x10
    container_id: str | None = wire(str)
    hostname: str | None = wire(str)
    max_frame_size: int | None = wire(UInt)
    channel_max: int | None = wire(UShort)
    idle_time_out: int | None = wire(UInt)


@dataclass(slots=True)
class Begin(Performative):
    """Begin a session on a channel."""

    CODE: ClassVar[int] = 0x11
    remote_channel: int | None = wire(UShort)
    next_outgoing_id: int | None = wire(UInt)
    incoming_window: int | None = wire(UInt)
    outgoing_window: int | None = wire(UInt)
    handle_max: int | None = wire(UInt)


@dataclass(slots=True)
class Attach(Performative):
    """Attach a link to a session."""

    CODE: ClassVar[int] = 0x12
    name: str | None = wire(str)
    handle: int | None = wire(UInt)
    role: bool | None = wire(bool)
    snd_settle_mode: int | None = wire(UByte)
    rcv_settle_mode: int | None = wire(UByte)
    source: Described | None = wire(Described)
    target: Described | None = wire(Described)
    unsettled: dict[object, object] | None = wire(dict)
    incomplete_unsettled: bool | None = wire(bool)
    initial_delivery_count: int | None = wire(UInt)
    max_message_size: int | None = wire(ULong)
    offered_capabilities: object = wire(object)
    desired_capabilities: object = wire(object)
    properties: dict[object, object] | None = wire(dict)


@dataclass(slots=True)
class Flow(Performative):
    """Update the windows of a session, and the credit of a link."""

    CODE: ClassVar[int] = 0x13
    next_incoming_id: int | None = wire(UInt)
    incoming_window: int | None = wire(UInt)
    next_outgoing_id: int | None = wire(UInt)
    outgoing_window: int | None = wire(UInt)
    handle: int | None = wire(UInt)
    delivery_count: int | None = wire(UInt)
    link_credit: int | None = wire(UInt)
    available: int | None = wire(UInt)
    drain: bool | None = wire(bool)
    echo: bool | None = wire(bool)


@dataclass(slots=True)
class Transfer(Performative):
    """Transfer a message, or a part of one."""

    CODE: ClassVar[int] = 0x14
    handle: int | None = wire(UInt)
    delivery_id: int | None = wire(UInt)
    delivery_tag: bytes | None = wire(bytes)
    message_format: int | None = wire(UInt)
    settled: bool | None = wire(bool)
    more: bool | None = wire(bool)
    rcv_settle_mode: int | None = wire(UByte)
    state: Described | None = wire(Described)
    resume: bool | None = wire(bool)
    aborted: bool | None = wire(bool)


@dataclass(slots=True)
class Disposition(Performative):
    """Tell the peer of a change of delivery states."""

    CODE: ClassVar[int] = 0x15
    role: bool | None = wire(bool)
    first: int | None = wire(UInt)
    last: int | None = wire(UInt)
    settled: bool | None = wire(bool)
    state: Described | None = wire(Described)


@dataclass(slots=True)
class Detach(Performative):
    """Detach a link."""

    CODE: ClassVar[int] = 0x16
    handle: int | None = wire(UInt)
    closed: bool | None = wire(bool)
    error: Described | None = wire(Described)


@dataclass(slots=True)
class End(Performative):
    """End a session."""

    CODE: ClassVar[int] = 0x17
    error: Described | None = wire(Described)


@dataclass(slots=True)
class Close(Performative):
    """Close a connection."""

    CODE: ClassVar[int] = 0x18
    error: Described | None = wire(Described)


SOURCE = 0x28
TARGET = 0x29

ACCEPTED = Described(ULong(0x24), [])
REJECTED = Described(ULong(0x25), [])
RELEASED = Described(ULong(0x26), [])


def error(cause: AmqpError) -> Described:
    """Make the composite `error` (part 2, section 2.8.14).

    All three fields are present: the Python SDK reads the third one without looking, and a send
    whose error it cannot read never ends.
    """
    return Described(ULong(0x1D), [Symbol(cause.condition), cause.description, {}])


def rejected(cause: AmqpError) -> Described:
    """Make the outcome `rejected` with an error."""
    return Described(ULong(0x25), [error(cause)])


_BY_CODE: dict[int, type[Performative]] = {
    each.CODE: each
    for each in (Open, Begin, Attach, Flow, Transfer, Disposition, Detach, End, Close)
}


_LAYOUTS: dict[type, list[tuple[str, type]]] = {
    each: [(entry.name, entry.metadata["kind"]) for entry in fields(each)]
    for each in _BY_CODE.values()
}


def decode_performative(body: bytes) -> tuple[Performative, bytes]:
    """Split a frame's body into its performative and the payload. Raises DecodeError.

    Fields that nobody here reads, after those of the data class, are dropped.
    """
    value, end = decode(body)
    if not isinstance(value, Described) or not isinstance(value.value, list):
        raise DecodeError("a frame carries no performative")
    code = value.descriptor
    performative = _BY_CODE.get(code) if isinstance(code, int) else None
    if performative is None:
        raise DecodeError(f"unknown performative {code!r}")
    layout = _LAYOUTS[performative]
    items = value.value[: len(layout)]
    for (_, kind), item in zip(layout, items, strict=False):
        if item is not None and not isinstance(item, kind):
            raise DecodeError(f"a field of {performative.__name__} has the wrong type")
    return performative(*items), body[end:]
