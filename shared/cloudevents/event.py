"""One event, and how it is read out of the two envelopes: structured (JSON) and binary.

Read by ourselves, because the SDK invents what is missing: an id, so that every retry would be new,
and a time.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.changes.problems import Problem, RequestRefused

VERSION = "1.0"
LONGEST = 256
"""Characters of an attribute that Sluice goes by."""

_NEEDED = ("id", "source", "type")
_NAME = re.compile("[a-z0-9]{1,64}")

type Read = Callable[[bytes], Any]
"""Reads a JSON document strictly; raises RequestRefused."""


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """`attributes` are the context attributes, `data` is what was read as JSON."""

    attributes: Mapping[str, Any]
    data: Any

    @property
    def key(self) -> str:
        """What the event is known by: source and id together are unique (CloudEvents, 3.1)."""
        return f"{self.attributes['source']} {self.attributes['id']}"

    @property
    def document(self) -> dict[str, Any]:
        """The event as one JSON object, in the structured form."""
        return {**self.attributes, "data": self.data}


def structured(document: Any, read: Read) -> CloudEvent:
    """The event that a body of application/cloudevents+json is; raises RequestRefused."""
    if not isinstance(document, dict):
        raise _refused("", "Send one event, a JSON object.")
    attributes = {
        name: value for name, value in document.items() if name not in ("data", "data_base64")
    }
    _check(attributes)
    if "data_base64" not in document:
        return CloudEvent(attributes, document.get("data"))
    if "data" in document:
        raise _refused("/data_base64", "An event has data or data_base64, not both.")
    try:
        data = base64.b64decode(document["data_base64"], validate=True)
    except (ValueError, TypeError):
        raise _refused("/data_base64", "It is not base64.") from None
    return CloudEvent(attributes, read(data))


def binary(attributes: Mapping[str, Any], data: Any) -> CloudEvent:
    """The event whose attributes came beside its data; raises RequestRefused."""
    _check(attributes)
    return CloudEvent(dict(attributes), data)


def _check(attributes: Mapping[str, Any]) -> None:
    if attributes.get("specversion") != VERSION:
        raise _refused("/specversion", f"CloudEvents {VERSION} is what is understood here.")
    for name in _NEEDED:
        value = attributes.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
            detail = f"An event has this attribute, of 1 to {LONGEST} printable characters."
            raise _refused(f"/{name}", detail)
    if not all(_NAME.fullmatch(name) for name in attributes):
        raise _refused("", "Attributes have names of small letters and digits.")
    if "time" in attributes and not _is_time(attributes["time"]):
        raise _refused("/time", "A time is RFC 3339, with an offset.")
    media_type = attributes.get("datacontenttype", "application/json")
    if not isinstance(media_type, str) or not is_json(media_type):
        problem = Problem("wrong-media-type", "/datacontenttype", "The data has to be JSON.")
        raise RequestRefused(415, [problem])


def is_json(media_type: str) -> bool:
    """Whether a media type says JSON, of whatever kind."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (
        essence.startswith("application/") and essence.endswith("+json")
    )


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (ValueError, TypeError):
        return False


def _refused(pointer: str, detail: str) -> RequestRefused:
    return RequestRefused(400, [Problem("not-an-event", pointer, detail)])
