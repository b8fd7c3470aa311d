"""When a rotation is due: on which day, and when within the window of that day.

A window is local wall-clock time, so it is worked out anew for each day: where the clocks skip one
of its ends, the end is where they go on; where they repeat a time, no moment is taken that the
window does not have on the wall. Accounts are spread over the days and over the window by a hash,
so that a hundred thousand of them do not start at once and each keeps its time.
"""

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from shared.register.document import DeviceAccountDocument, Window
from shared.register.entry import Entry, entry_id

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """One occurrence of a window; `closes` is the first moment that is not in it. Both in UTC."""

    opens: datetime
    closes: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.opens <= at < self.closes


def next_due(entry: Entry, after: datetime) -> datetime | None:
    """When the account is due next, when its password was verified (or nothing yet) at `after`.

    One that was never verified gets any time of the first interval, by its hash. None for one that
    is paused or rotated on request only.
    """
    schedule, first = entry.document.schedule, entry.verified_at is None
    if entry.document.paused or schedule.everyDays is None:
        return None
    days = schedule.everyDays * (_fraction(entry.id, "first") if first else 1.0)
    if schedule.window is None:
        return (after + days * _DAY).replace(microsecond=0)
    whole_days = 1 + int(days) if first else schedule.everyDays
    return _slot_from(
        entry.id, schedule.window, _day_of(schedule.window, after) + whole_days * _DAY
    )


def next_slot(document: DeviceAccountDocument, after: datetime) -> datetime:
    """The account's own moment in the first window in which that moment is later than `after`.

    Without a window any moment of the next day.
    """
    account, window = entry_id(document.account), document.schedule.window
    if window is None:
        seconds = 1 + int(_fraction(account, after.date().isoformat()) * _DAY.total_seconds())
        return after.replace(microsecond=0) + timedelta(seconds=seconds)
    day = _day_of(window, after)
    slot = _slot_from(account, window, day)
    return slot if slot > after else _slot_from(account, window, day + _DAY)


def retry_due(document: DeviceAccountDocument, at: datetime) -> datetime:
    """When to try again, not before `at`: at once in a window, else in the next one."""
    at = at.replace(microsecond=0)
    end = window_end(document, at)
    return at if end is None or end > at else next_slot(document, at)


def window_end(document: DeviceAccountDocument, at: datetime) -> datetime | None:
    """When the window closes that `at` lies in, `at` itself if it lies in none.

    None for an account without a window.
    """
    window = document.schedule.window
    if window is None:
        return None
    opening = opening_of(window, _day_of(window, at))
    return opening.closes if opening and at in opening else at


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


def _slot_from(account: str, window: Window, day: date) -> datetime:
    """The account's moment in the window of this day, or of the first one after it that has one."""
    for days in count():
        on = day + days * _DAY
        if opening := opening_of(window, on):
            seconds = (opening.closes - opening.opens).total_seconds()
            spread = int(_fraction(account, on.isoformat()) * seconds)
            return opening.opens + timedelta(seconds=spread)
    raise AssertionError("no window is skipped every day")


def _day_of(window: Window, at: datetime) -> date:
    """The day of the window that `at` lies in: after midnight it may be that of yesterday."""
    day = at.astimezone(ZoneInfo(window.timeZone)).date()
    yesterday = opening_of(window, day - _DAY)
    return day - _DAY if yesterday and at < yesterday.closes else day


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


def _fraction(account: str, what: str) -> float:
    """From 0 to below 1, always the same for the same account and day."""
    digest = hashlib.sha256(f"{account}\n{what}".encode()).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)
