"""When a change that a rule allows in windows may begin."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.policy.document import DAYS, Days
from shared.windows import Opening, opening_of

_A_WEEK_AND_MORE = range(-1, 15)
"""Days to look at: from yesterday, whose window may go over midnight, to the next week but one,
for where the clocks skip a window it is that of a week later."""


def opens(windows: Iterable[Days], now: datetime) -> datetime:
    """`now` where one of the windows is open, or there are none; else when the next one opens."""
    found = [each for window in windows for each in _openings(window, now)]
    if not found or any(now in each for each in found):
        return now
    return min(each.opens for each in found if each.opens > now)


def _openings(days: Days, now: datetime) -> list[Opening]:
    today = now.astimezone(ZoneInfo(days.timeZone)).date()
    near = (today + timedelta(days=each) for each in _A_WEEK_AND_MORE)
    on = [opening_of(days, day) for day in near if DAYS[day.weekday()] in days.days]
    return [each for each in on if each]
