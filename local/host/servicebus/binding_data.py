"""A received message as trigger data and metadata, in the types that the .NET host sends.

The names and types are those of the extension's ServiceBusTriggerBindingStrategy. LockedUntil,
State, DeadLetterReason and others that func.ServiceBusMessage offers are not sent, so the app sees
None for them, as in Azure.
"""

import base64
import contextlib
import json
import uuid
from datetime import datetime, timedelta

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.amqp import AmqpMessageBodyType

from local.host.protos import rpc_pb2 as rpc

_FOREVER = "9999-12-31T23:59:59.9999999"
"""DateTime.MaxValue: the expiry of a message without a time to live."""

_HOST_OBJECTS = (
    *("MessageReceiver", "MessageSession", "MessageActions"),
    *("SessionActions", "ReceiveActions", "Client"),
)


def trigger_data(message: ServiceBusReceivedMessage, *, binary: bool) -> rpc.TypedData:
    """The body. Raises TypeError for an AMQP value or sequence that cannot be bound.

    Bytes are sent as text unless the binding asks for binary; what is not UTF-8 is damaged by that.
    """
    kind = message.raw_amqp_message.body_type
    body = message.body
    if kind is AmqpMessageBodyType.DATA:
        data = b"".join(body)
        return rpc.TypedData(bytes=data) if binary else rpc.TypedData(string=_text(data))
    if kind is AmqpMessageBodyType.VALUE and binary and isinstance(body, bytes):
        return rpc.TypedData(bytes=body)
    if kind is AmqpMessageBodyType.VALUE and not binary and isinstance(body, str):
        return rpc.TypedData(string=body)
    raise TypeError(f"a message body of AMQP type {kind} ({type(body).__name__}) cannot be bound")


def _text(data: bytes) -> str:
    """.NET's StreamReader drops a byte order mark and, at its second attempt, replaces."""
    return data.decode("utf-8-sig", errors="replace")


def trigger_metadata(message: ServiceBusReceivedMessage) -> dict[str, rpc.TypedData]:
    """The metadata of single dispatch; properties that the message does not have are left out."""
    properties = _json(application_properties(message))
    enqueued = message.enqueued_time_utc
    expires = _expiry(message)
    texts = {
        "LockToken": None if message.lock_token is None else str(message.lock_token),
        "MessageId": message.message_id,
        "DeadLetterSource": message.dead_letter_source,
        "ContentType": message.content_type,
        "ReplyTo": message.reply_to,
        "To": message.to,
        "Subject": message.subject,
        "Label": message.subject,
        "CorrelationId": message.correlation_id,
        "SessionId": message.session_id,
        "ReplyToSessionId": message.reply_to_session_id,
        "PartitionKey": message.partition_key,
    }
    jsons = {
        # AMQP counts failed deliveries before this one, .NET the deliveries including this one.
        "DeliveryCount": _json((message.delivery_count or 0) + 1),
        "SequenceNumber": _json(message.sequence_number),
        "ExpiresAtUtc": _json(expires + "Z"),
        "ExpiresAt": _json(expires + "+00:00"),
        "ApplicationProperties": properties,
        "UserProperties": properties,
        **dict.fromkeys(_HOST_OBJECTS, "{}"),
    }
    if enqueued is not None:
        jsons["EnqueuedTimeUtc"] = _json(_naive(enqueued) + "Z")
        jsons["EnqueuedTime"] = _json(_naive(enqueued) + "+00:00")
    metadata = {name: rpc.TypedData(json=value) for name, value in jsons.items()}
    metadata |= {
        name: rpc.TypedData(string=value) for name, value in texts.items() if value is not None
    }
    return metadata


def application_properties(message: ServiceBusReceivedMessage) -> dict[str, object]:
    """The sender's own properties; the SDK leaves names and texts as bytes."""
    properties = message.application_properties or {}
    return {str(_decoded(name)): _decoded(value) for name, value in properties.items()}


def _decoded(value: object) -> object:
    if isinstance(value, bytes):
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode()
    return value


def _json(value: object) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: object) -> object:
    """Types without a JSON form, as Newtonsoft.Json writes them."""
    match value:
        case datetime():
            return _naive(value) + "Z"
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case timedelta() | uuid.UUID():
            return str(value)
        case _:
            raise TypeError(f"an application property of type {type(value).__name__}")


def _expiry(message: ServiceBusReceivedMessage) -> str:
    try:
        expires = message.expires_at_utc
    except OverflowError:
        return _FOREVER
    return _FOREVER if expires is None else _naive(expires)


def _naive(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()
