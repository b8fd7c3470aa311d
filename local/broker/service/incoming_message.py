"""From the bytes of a transfer to publications."""

from collections.abc import Iterator
from uuid import uuid4

from local.broker.amqp import sections
from local.broker.amqp.decode import decode
from local.broker.amqp.encode import encode
from local.broker.amqp.errors import DecodeError
from local.broker.amqp.types import Symbol, Timestamp, UInt
from local.broker.engine.message import Publication

BATCH_FORMAT = 0x80013700
"""The message format of a batch: every data section is a complete encoded message."""

# Positions in the sections' lists (AMQP 1.0, part 3.2).
_TTL = 2
_MESSAGE_ID = 0
_GROUP_ID = 10


def publications(payload: bytes, message_format: int) -> list[Publication]:
    """Read a message, or all messages of a batch. Raises DecodeError."""
    if message_format == BATCH_FORMAT:
        return [publication(message) for message in _batch(payload)]
    return [publication(payload)]


def _batch(payload: bytes) -> Iterator[bytes]:
    for code, value in sections.split(payload):
        if code == sections.DATA:
            message, _ = decode(value)
            if not isinstance(message, bytes):
                raise DecodeError("a data section is binary")
            yield message


def publication(content: bytes) -> Publication:
    """Read what the broker must know of a message. Raises DecodeError."""
    found: dict[int, object] = {
        code: decode(value)[0]
        for code, value in sections.split(content)
        if code in (sections.HEADER, sections.MESSAGE_ANNOTATIONS, sections.PROPERTIES)
    }
    ttl = _item(found.get(sections.HEADER), _TTL)
    message_id = _item(found.get(sections.PROPERTIES), _MESSAGE_ID)
    group_id = _item(found.get(sections.PROPERTIES), _GROUP_ID)
    annotations = found.get(sections.MESSAGE_ANNOTATIONS)
    scheduled_for = (
        annotations.get(Symbol("x-opt-scheduled-enqueue-time"))
        if isinstance(annotations, dict)
        else None
    )
    if message_id is None:
        message_id = str(uuid4())
        content = _with_message_id(content, message_id, found.get(sections.PROPERTIES))
    return Publication(
        content=content,
        message_id=str(message_id),
        # The empty string is a session id like any other.
        session_id=group_id if isinstance(group_id, str) else None,
        time_to_live=ttl if isinstance(ttl, UInt) else None,
        scheduled_for=scheduled_for if isinstance(scheduled_for, Timestamp) else None,
    )


def _item(fields: object, position: int) -> object:
    return fields[position] if isinstance(fields, list) and len(fields) > position else None


def _with_message_id(content: bytes, message_id: str, properties: object) -> bytes:
    """Give a message an id: Microsoft's JavaScript SDK does not receive messages without one."""
    fields = [message_id, *(properties[1:] if isinstance(properties, list) else [])]
    parts = [(code, value) for code, value in sections.split(content)]
    parts = [(code, value) for code, value in parts if code != sections.PROPERTIES]
    parts.append((sections.PROPERTIES, encode(fields)))
    parts.sort(key=lambda part: part[0])  # Stable, and sections come in the order of their codes.
    return b"".join(sections.section(code, value) for code, value in parts)
