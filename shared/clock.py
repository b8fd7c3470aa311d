"""Time comes in through here, so that every history can be replayed."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, with its time zone."""
    return datetime.now(UTC)
