"""What a request over HTTP carries: its body by media type, and the key of its sender."""

from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import HTTP

import azure.functions as func

from shared.changes.problems import Problem, RequestRefused

_LONGEST_KEY = 256


def media_type(req: func.HttpRequest) -> str:
    """The media type of the body, in lower case and without parameters."""
    return _content_type(req).get_content_type()


def json_body(req: func.HttpRequest) -> bytes:
    """The body of a request that has to be JSON. Raises RequestRefused (415)."""
    header = _content_type(req)
    json = header.get_content_type() == "application/json"
    encoding = req.headers.get("content-encoding")
    if not json or header.get_content_charset("utf-8") != "utf-8" or encoding:
        detail = "Send application/json in UTF-8, not compressed."
        raise RequestRefused(415, [Problem("wrong-media-type", "", detail)])
    return req.get_body()


def form_parts(req: func.HttpRequest, *names: str) -> list[bytes]:
    """The parts of a form (multipart/form-data) with these names, each of which has to be there.

    Raises RequestRefused (422). Read in memory: what a form holds must not get into a file.
    """
    head = f"Content-Type: {req.headers.get('content-type', '')}\r\n\r\n".encode()
    form = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + req.get_body())
    parts = {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in form.iter_parts()
    }
    problems = [
        Problem("missing-member", f"/{name}", "The form has no such part.")
        for name in names
        if name not in parts
    ]
    if problems:
        raise RequestRefused(422, problems)
    return [part for name in names if isinstance(part := parts[name], bytes)]


def idempotency_key(req: func.HttpRequest) -> str | None:
    """What the sender calls its request. Raises RequestRefused (400)."""
    value: str | None = req.headers.get("idempotency-key")
    if value is None:
        return None
    key = value.strip()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        detail = f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters."
        raise RequestRefused(400, [Problem("invalid-key", "", detail)])
    return key


def _content_type(req: func.HttpRequest) -> Message:
    header = Message()
    header["content-type"] = req.headers.get("content-type") or "none"
    return header
