"""What an error answer of Graph means.

Sources: Microsoft Graph, "Error responses" and "Throttling guidance"; Intune's errors carry a JSON
document in their message. Retry-After has been seen as seconds, fractions, a list and a date, and
has been seen missing.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from shared.faults import Fault, Permanent, Transient

LONGEST_WAIT = 24 * 3600.0
"""Seconds; an answer that asks for more is taken to ask for this."""
LONGEST_DETAIL = 500

_TRANSIENT = frozenset({401, 408, 423, 429, 500, 502, 503, 504, 509})
_IN_DOUBT = frozenset({408, 500, 502, 503, 504, 509})
"""Answers that a gateway may give for a request that was carried out behind it."""
_TRANSIENT_CONFLICT = "Directory_ConcurrencyViolation"
_NO_ROUTE = re.compile(r"No OData route exists|No method match route template", re.IGNORECASE)
_NOISE = re.compile(
    r"(?:\s*-\s*Url:\s*)?https?://\S+|\s*-\s*Operation ID \(for customer support\): [0-9a-f-]+",
    re.IGNORECASE,
)
"""Addresses hold ids and names; Intune's operation id is all zeros, its activity id is not."""


def classify(
    status: int, code: str | None, message: str | None, headers: Mapping[str, str], now: datetime
) -> Fault:
    """The fault that an answer with this status and error stands for."""
    nested = _nested(message)
    text = str(nested.get("Message") or nested.get("message") or message or "")
    detail = " ".join(_NOISE.sub("", text).split())[:LONGEST_DETAIL] or "Graph gave no message."
    if status == 400 and _NO_ROUTE.search(text):  # noqa: PLR2004
        return Permanent("route-not-served", detail)
    name = f"graph-{status}" + (f"-{code}" if code and code.isidentifier() else "")
    if status in _TRANSIENT or (status == 409 and code == _TRANSIENT_CONFLICT):  # noqa: PLR2004
        asked = retry_after(headers.get("retry-after"), now)
        if asked is None and nested.get("RetryAfter") is not None:
            asked = retry_after(str(nested["RetryAfter"]), now)
        return Transient(name, detail, retry_after=asked, in_doubt=status in _IN_DOUBT)
    return Permanent(name, detail)


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in any form it has been seen in.

    Seconds with or without a fraction, a list of those (the longest counts), an HTTP date. None
    for anything else, and for a time that has passed.
    """
    if value is None:
        return None
    seconds: float | None
    try:
        seconds = max(float(part) for part in value.split(","))
    except ValueError:
        seconds = _until(value, now)
    if seconds is None or not 0 < seconds < float("inf"):
        return None
    return min(seconds, LONGEST_WAIT)


def _until(value: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (date - now).total_seconds() if date.tzinfo else None


def _nested(message: str | None) -> Mapping[str, Any]:
    """Intune's document inside the message, or an empty one."""
    try:
        document = json.loads(message or "")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
