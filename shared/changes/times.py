"""Points in time as a request may say them: RFC 3339, and no other spelling."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Strict
from pydantic_core import PydanticCustomError

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.IGNORECASE
)
_DETAIL = "Write a time as in 2026-12-01T20:00:00Z, with its offset."


def _spelt(value: object) -> object:
    """pydantic alone would take seconds since 1970 as well, and times with parts left out."""
    if not isinstance(value, str):
        raise PydanticCustomError("time_type", _DETAIL)
    if not _RFC_3339.fullmatch(value):
        raise PydanticCustomError("invalid_time", _DETAIL)
    return value


def _to_utc(value: datetime) -> datetime:
    """One spelling for one instant; at the ends of the calendar it may not exist in UTC."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("invalid_time", _DETAIL) from None


# Behind a validator of ours a text is no longer JSON's, and strictly no time.
Instant = Annotated[AwareDatetime, Strict(False), BeforeValidator(_spelt), AfterValidator(_to_utc)]


def in_utc(at: datetime | None) -> str | None:
    """A time in UTC as RFC 3339 has it, with a Z; None stays None."""
    return at.isoformat().replace("+00:00", "Z") if at else None
