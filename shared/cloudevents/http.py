"""CloudEvents over HTTP: which envelope a request is in, and what is in it.

Source: HTTP Protocol Binding for CloudEvents 1.0.2. Batches are refused: a batch has one answer,
and each of its events may need another.
"""

from collections.abc import Mapping
from email.message import Message
from typing import Any
from urllib.parse import unquote

from shared.changes.problems import Problem, RequestRefused
from shared.cloudevents.event import CloudEvent, Read, binary, structured

_PREFIX = "ce-"
_STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"


def open_request(headers: Mapping[str, str], body: bytes, read: Read) -> CloudEvent | Any:
    """The event that a request is or, without an envelope, the document that its body is.

    Raises RequestRefused: 415 for another media type, else 400, and what `read` raises.
    """
    media_type = _media_type(headers)
    if media_type == _STRUCTURED:
        return structured(read(body), read)
    attributes = {
        name.removeprefix(_PREFIX): _decoded(value)
        for name, value in headers.items()
        if name.startswith(_PREFIX)
    }
    return binary(attributes, read(body)) if attributes else read(body)


def _media_type(headers: Mapping[str, str]) -> str:
    header = Message()
    header["content-type"] = headers.get("content-type") or "none"
    media_type = header.get_content_type()
    if media_type == _BATCH:
        raise _wrong("batch-of-events", "Send the events one by one: each has its own answer.")
    json = media_type in ("application/json", _STRUCTURED)
    if not json or _charset(header) != "utf-8":
        raise _wrong("wrong-media-type", "Send application/json in UTF-8, or a CloudEvent in it.")
    if headers.get("content-encoding"):
        raise _wrong("wrong-media-type", "Send the body as it is, not compressed.")
    return media_type


def _charset(header: Message) -> str | None:
    try:
        return header.get_content_charset("utf-8")
    except ValueError:  # a parameter whose number has more digits than Python reads
        return None


def _decoded(value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        detail = "An attribute in a header is percent-encoded UTF-8."
        raise RequestRefused(400, [Problem("not-an-event", "", detail)]) from None


def _wrong(code: str, detail: str) -> RequestRefused:
    return RequestRefused(415, [Problem(code, "", detail)])
