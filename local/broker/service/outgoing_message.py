"""From a message in a queue to the bytes of a transfer."""

from local.broker.amqp import sections
from local.broker.amqp.decode import decode
from local.broker.amqp.encode import encode
from local.broker.amqp.types import Int, Long, Symbol, Timestamp, UInt
from local.broker.engine.message import Lock, Message

_SEQUENCE_NUMBER = encode(Symbol("x-opt-sequence-number"))
_ENQUEUE_SEQUENCE_NUMBER = encode(Symbol("x-opt-enqueue-sequence-number"))
_ENQUEUED_TIME = encode(Symbol("x-opt-enqueued-time"))
_LOCKED_UNTIL = encode(Symbol("x-opt-locked-until"))
_LOCK_TOKEN = encode(Symbol("x-opt-lock-token"))
_MESSAGE_STATE = encode(Symbol("x-opt-message-state"))
_REASON = encode("DeadLetterReason")
_DESCRIPTION = encode("DeadLetterErrorDescription")


def render(message: Message, lock: Lock | None = None) -> bytes:
    """Encode a message for a receiver, with what the broker knows of it.

    Properties, body and footer are the sender's bytes; header and annotations are added to.
    """
    parts = dict[int, bytes]()
    body = b""
    for code, value in sections.split(message.content):
        if sections.DATA <= code <= sections.VALUE:
            body += sections.section(code, value)
        else:
            parts[code] = value
    parts[sections.HEADER] = _header(message, parts.get(sections.HEADER))
    if lock is not None:
        parts[sections.DELIVERY_ANNOTATIONS] = sections.with_entries(
            parts.get(sections.DELIVERY_ANNOTATIONS), {_LOCK_TOKEN: encode(lock.token)}
        )
    parts[sections.MESSAGE_ANNOTATIONS] = sections.with_entries(
        parts.get(sections.MESSAGE_ANNOTATIONS), _annotations(message, lock)
    )
    reasons = _dead_letter_properties(message)
    if reasons:
        parts[sections.APPLICATION_PROPERTIES] = sections.with_entries(
            parts.get(sections.APPLICATION_PROPERTIES), reasons
        )
    footer = parts.pop(sections.FOOTER, None)
    head = b"".join(sections.section(code, parts[code]) for code in sorted(parts))
    return head + body + (sections.section(sections.FOOTER, footer) if footer else b"")


def _header(message: Message, sent: bytes | None) -> bytes:
    fields = decode(sent)[0] if sent else []
    durable, priority = [*(fields if isinstance(fields, list) else []), None, None][:2]
    ttl = message.time_to_live
    # A time to live beyond the field's 49 days is as good as none to a reader.
    field = None if ttl is None or ttl >= 1 << 32 else UInt(ttl)
    return encode([durable, priority, field, None, UInt(message.delivery_count)])


def _annotations(message: Message, lock: Lock | None) -> dict[bytes, bytes]:
    entries = {
        _SEQUENCE_NUMBER: encode(Long(message.sequence)),
        _ENQUEUE_SEQUENCE_NUMBER: encode(Long(message.enqueue_sequence)),
        _ENQUEUED_TIME: encode(Timestamp(message.enqueued_at)),
        _MESSAGE_STATE: encode(Int(message.state)),
    }
    if lock is not None:
        entries[_LOCKED_UNTIL] = encode(Timestamp(lock.expires_at))
    return entries


def _dead_letter_properties(message: Message) -> dict[bytes, bytes]:
    reasons = {
        _REASON: message.dead_letter_reason,
        _DESCRIPTION: message.dead_letter_description,
    }
    return {key: encode(text) for key, text in reasons.items() if text is not None}
