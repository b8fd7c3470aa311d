"""Time, and how the two services write it."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], float]
"""Seconds since the epoch."""


def directory_time(now: float) -> str:
    """Entra writes whole seconds."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"


def intune_time(now: float) -> str:
    """Intune writes seven decimals."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
