"""What a request says in its headers, its query and its form, checked."""

from email.message import Message
from typing import TYPE_CHECKING

import azure.functions as func

from shared import composition
from shared.access.roles import HEADER, application_of
from shared.changes.problems import Problem, RequestRefused

if TYPE_CHECKING:
    from shared.policy.subject import Asker

_LONGEST_KEY = 256


def check_media_type(req: func.HttpRequest, wanted: str) -> None:
    """Raise RequestRefused (415) unless the body is of this type, in UTF-8 and not compressed."""
    header = _content_type(req)
    right = header.get_content_type() == wanted
    compressed = req.headers.get("content-encoding")
    if not right or header.get_content_charset("utf-8") != "utf-8" or compressed:
        detail = f"Send {wanted} in UTF-8, not compressed."
        raise RequestRefused(415, [Problem("wrong-media-type", "", detail)])


def is_form(req: func.HttpRequest) -> bool:
    """Whether the body is a form with parts, as `curl -F` sends it."""
    return _content_type(req).get_content_type() == "multipart/form-data"


def form_parts(req: func.HttpRequest, *names: str) -> list[bytes]:
    """The parts of a form with these names. Raises RequestRefused (422) where one is missing.

    Read in memory: what a form holds must not get into a file, as it would in `req.form`.
    """
    from email.message import EmailMessage
    from email.parser import BytesParser
    from email.policy import HTTP

    head = f"Content-Type: {req.headers.get('content-type')}\r\n\r\n".encode()
    form = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + req.get_body())
    parts = {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in form.iter_parts()
    }
    found = [part for name in names if isinstance(part := parts.get(name), bytes)]
    if len(found) < len(names):
        detail = f"Send a form with the parts {' and '.join(names)}."
        raise RequestRefused(422, [Problem("missing-member", "", detail)])
    return found


def _content_type(req: func.HttpRequest) -> Message:
    header = Message()
    header["content-type"] = req.headers.get("content-type") or "none"
    return header


def idempotency_key(req: func.HttpRequest) -> str | None:
    """What the caller calls this request; None without a header. Raises RequestRefused (400)."""
    value = req.headers.get("idempotency-key")
    if value is None:
        return None
    key = str(value).strip()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        detail = f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters."
        raise RequestRefused(400, [Problem("invalid-key", "", detail)])
    return key


def asker_of(req: func.HttpRequest) -> "Asker":
    """Whoever asks over HTTP; the application, where its token was checked (CALLER_ROLES)."""
    from shared.policy.subject import Asker

    if not composition.settings().caller_roles:
        return Asker("http")  # nobody takes the header away from what comes from outside
    return Asker("http", caller=application_of(req.headers.get(HEADER)))


def flag(req: func.HttpRequest, name: str) -> bool:
    """A switch of the query, false without it. Raises RequestRefused (400)."""
    value = req.params.get(name, "false")
    if value not in ("true", "false"):
        raise RequestRefused(400, [Problem("invalid-query", "", f"{name} is true or false.")])
    return bool(value == "true")


def whole(req: func.HttpRequest, name: str, default: int, most: int) -> int:
    """A number of the query, from 1 to `most`. Raises RequestRefused (400)."""
    value = req.params.get(name, str(default))
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= most):
        detail = f"{name} is a whole number from 1 to {most}."
        raise RequestRefused(400, [Problem("invalid-query", "", detail)])
    return int(value)
