"""What the headers of a request say, checked."""

from email.message import Message

import azure.functions as func

from shared.changes.problems import Problem, RequestRefused

_LONGEST_KEY = 256


def check_media_type(req: func.HttpRequest, wanted: str) -> None:
    """Raise RequestRefused (415) unless the body is of this type, in UTF-8 and not compressed."""
    header = Message()
    header["content-type"] = req.headers.get("content-type") or "none"
    right = header.get_content_type() == wanted
    compressed = req.headers.get("content-encoding")
    if not right or header.get_content_charset("utf-8") != "utf-8" or compressed:
        detail = f"Send {wanted} in UTF-8, not compressed."
        raise RequestRefused(415, [Problem("wrong-media-type", "", detail)])


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
