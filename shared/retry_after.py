"""The header Retry-After, in every form that services have been seen to send it."""

from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 24 * 3600.0
"""Seconds; an answer that asks for more is taken to ask for this."""


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
    except (ValueError, OverflowError):  # a zone may be any number
        return None
    return (date - now).total_seconds() if date.tzinfo else None
