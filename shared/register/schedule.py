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
from shared.windows import Opening, Window, opening

_DAY = timedelta(days=1)
_ALL_DAY = Window(opens="00:00", closes="00:00")


def next_due(entry: Entry, after: datetime) -> datetime | None:
    """When the account is due next, when its password was verified (or nothing yet) at `after`.

    One that was never verified gets any day of the first interval, by its hash. None for one that
    is paused or rotated on request only.
    """
    document = entry.document
    days = document.schedule.everyDays
    if document.paused or days is None:
        return None
    if entry.verified_at is None:
        days = 1 + int(_fraction(entry.id, "first") * days)
    return _slot_from(document, _day_of(document, after) + days * _DAY)


def next_slot(document: DeviceAccountDocument, after: datetime) -> datetime:
    """The account's own moment in the first window in which that moment is later than `after`."""
    day = _day_of(document, after)
    slot = _slot_from(document, day)
    return slot if slot > after else _slot_from(document, day + _DAY)


def retry_due(document: DeviceAccountDocument, at: datetime) -> datetime:
    """When to try again, not before `at`: at once in a window, else in the next one."""
    at = at.replace(microsecond=0)
    found = opening_of(document, _day_of(document, at))
    return at if found and found.opens <= at < found.closes else next_slot(document, at)


def window_end(document: DeviceAccountDocument, at: datetime) -> datetime | None:
    """When the window closes that `at` lies in, `at` itself if it lies in none.

    None for an account without a window.
    """
    if document.schedule.window is None:
        return None
    found = opening_of(document, _day_of(document, at))
    return found.closes if found and found.opens <= at < found.closes else at


def opening_of(document: DeviceAccountDocument, day: date) -> Opening | None:
    """The window that opens on this day; None where the clocks skip all of it."""
    return opening(document.schedule.window or _ALL_DAY, day)


def _slot_from(document: DeviceAccountDocument, day: date) -> datetime:
    """The account's moment in the window of this day, or of the first one after it that has one."""
    account = entry_id(document.account)
    for days in count():
        on = day + days * _DAY
        if found := opening_of(document, on):
            seconds = (found.closes - found.opens).total_seconds()
            spread = int(_fraction(account, on.isoformat()) * seconds)
            return found.opens + timedelta(seconds=spread)
    raise AssertionError("no window is skipped every day")


def _day_of(document: DeviceAccountDocument, at: datetime) -> date:
    """The day of the window that `at` lies in: after midnight it may be that of yesterday."""
    window = document.schedule.window or _ALL_DAY
    day = at.astimezone(ZoneInfo(window.timeZone)).date()
    yesterday = opening_of(document, day - _DAY)
    return day - _DAY if yesterday and at < yesterday.closes else day


def _fraction(account: str, what: str) -> float:
    """From 0 to below 1, always the same for the same account and day."""
    digest = hashlib.sha256(f"{account}\n{what}".encode()).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)
