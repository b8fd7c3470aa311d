"""When a rotation is due: on which day, and when within the window of that day.

Accounts are spread over the days and over the window by a hash, so that a hundred thousand of them
do not start at once and each keeps its time.
"""

import hashlib
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, entry_id
from shared.windows import Window, opening_of

_DAY = timedelta(days=1)


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


def _fraction(account: str, what: str) -> float:
    """From 0 to below 1, always the same for the same account and day."""
    digest = hashlib.sha256(f"{account}\n{what}".encode()).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)
