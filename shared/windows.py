"""Windows: from when to when something may begin, on the clocks on the wall.

A window is local time, so it is worked out anew for each day: where the clocks skip one of its
ends, the end is where they go on; where they repeat a time, no moment is taken that the window
does not have on the wall.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.changes.targets import Model

LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # the last two for names that are no file's
        detail = "Give an IANA name, as Europe/Berlin or UTC."
        raise PydanticCustomError("unknown_time_zone", detail) from None
    return name


TimeZone = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known_zone)
]


class Window(Model):
    """When something may begin, in local wall-clock times.

    One that closes earlier than it opens goes over midnight.
    """

    opens: LocalTime
    closes: LocalTime
    timeZone: TimeZone = "UTC"

    @model_validator(mode="after")
    def _open_for_a_while(self) -> Self:
        if self.opens == self.closes != "00:00":
            detail = "It closes when it opens; 00:00 to 00:00 is the whole day."
            raise PydanticCustomError("empty_window", detail)
        return self


@dataclass(frozen=True, slots=True)
class Opening:
    """One occurrence of a window; `closes` is the first moment that is not in it. Both in UTC."""

    opens: datetime
    closes: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.opens <= at < self.closes


def opening_of(window: Window, day: date) -> Opening | None:
    """The window that opens on this day; None where the clocks skip all of it."""
    zone = ZoneInfo(window.timeZone)
    opens, closes = time.fromisoformat(window.opens), time.fromisoformat(window.closes)
    begin = datetime.combine(day, opens)
    end = datetime.combine(day if opens < closes else day + _DAY, closes)
    opening = Opening(_instant(begin, zone, fold=1), _instant(end, zone, fold=0))
    if opening.opens > opening.closes:  # the clocks repeat both ends: the first time is taken
        opening = Opening(_instant(begin, zone, fold=0), opening.closes)
    return opening if opening.opens < opening.closes else None


def _instant(local: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """The moment of a local time; of a skipped one the moment at which the clocks go on."""
    at = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    # The clocks go on between that time by the clocks after the gap and by those before it.
    early, late = (int(local.replace(tzinfo=zone, fold=each).timestamp()) for each in (1, 0))
    after = datetime.fromtimestamp(late, zone).utcoffset()
    between = range(early, late)
    gone_on = bisect_left(
        between, True, key=lambda second: datetime.fromtimestamp(second, zone).utcoffset() == after
    )
    return datetime.fromtimestamp(early + gone_on, UTC)


_DAY = timedelta(days=1)
