"""CloudEvents over AMQP, as Service Bus carries them.

Source: AMQP Protocol Binding for CloudEvents 1.0.2: attributes are application properties with the
prefix `cloudEvents_` or `cloudEvents:`. Some clients give properties as bytes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.changes.problems import Problem, RequestRefused
from shared.cloudevents.event import CloudEvent, Read, binary, structured

_PREFIXES = ("cloudEvents_", "cloudEvents:")
_STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"


def open_message(
    content_type: str | bytes | None, properties: Mapping[Any, Any], body: bytes, read: Read
) -> CloudEvent | Any:
    """The event that a message is or, without an envelope, the document that its body is.

    Raises RequestRefused, and what `read` raises.
    """
    media_type = str(_text(content_type or "")).partition(";")[0].strip().lower()
    if media_type == _BATCH:
        detail = "Send the events one by one: each has its own outcome."
        raise RequestRefused(415, [Problem("batch-of-events", "", detail)])
    if media_type == _STRUCTURED:
        return structured(read(body), read)
    attributes = {
        name[len(_PREFIXES[0]) :]: value
        for name, value in texts(properties).items()
        if name.startswith(_PREFIXES)
    }
    return binary(attributes, read(body)) if attributes else read(body)


def texts(properties: Mapping[Any, Any]) -> dict[str, Any]:
    """Application properties with names and values as text where a client gave bytes."""
    return {str(_text(name)): _text(value) for name, value in properties.items()}


def _text(value: Any) -> Any:
    """As text: bytes decoded, and a time as AMQP has it in RFC 3339."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, datetime) else value
