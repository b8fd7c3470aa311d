"""NCRONTAB, the schedule language of the timer trigger.

`{second} {minute} {hour} {day} {month} {day-of-week}`; five fields leave out the seconds. Unlike
cron, a day must match the day and the day-of-week field both.
"""

from datetime import UTC, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_HORIZON = timedelta(days=366 * 9)
"""Long enough to meet a 29 February across a century year."""


class Schedule:
    """A parsed NCRONTAB expression, in UTC as on Flex Consumption."""

    def __init__(self, expression: str) -> None:
        """Raises ValueError when `expression` is not NCRONTAB or can never occur."""
        match expression.split():
            case [second, minute, hour, day, month, weekday]:
                pass
            case [minute, hour, day, month, weekday]:
                second = "0"
            case fields:
                raise ValueError(f"{expression!r} has {len(fields)} fields; NCRONTAB has 6 or 5")
        self._seconds = _field(second, 0, 59)
        self._minutes = _field(minute, 0, 59)
        self._hours = _field(hour, 0, 23)
        self._days = _field(day, 1, 31)
        self._months = _field(month, 1, 12, _MONTHS)
        self._weekdays = _field(weekday, 0, 6, _DAYS)
        self._expression = expression
        self.next_after(datetime(2024, 1, 1, tzinfo=UTC))

    def next_after(self, moment: datetime) -> datetime:
        """The first occurrence strictly after `moment`."""
        candidate = moment.replace(microsecond=0) + timedelta(seconds=1)
        horizon = moment + _HORIZON
        while candidate < horizon:
            if not self._day_matches(candidate):
                candidate = candidate.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif candidate.hour not in self._hours:
                candidate = candidate.replace(minute=0, second=0) + timedelta(hours=1)
            elif candidate.minute not in self._minutes:
                candidate = candidate.replace(second=0) + timedelta(minutes=1)
            elif candidate.second not in self._seconds:
                candidate += timedelta(seconds=1)
            else:
                return candidate
        raise ValueError(f"{self._expression!r} never occurs")

    @property
    def is_under_a_minute(self) -> bool:
        """Whether it occurs more than once a minute: Azure does not monitor such a schedule."""
        return len(self._seconds) > 1

    def _day_matches(self, moment: datetime) -> bool:
        return (
            moment.month in self._months
            and moment.day in self._days
            and (moment.weekday() + 1) % 7 in self._weekdays
        )


def _field(text: str, least: int, most: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, has_step, step_text = part.partition("/")
        step = _number(step_text, 1, most - least + 1, ()) if has_step else 1
        first, has_end, last = span.partition("-")
        if span == "*":
            low, high = least, most
        elif has_end:
            low = _number(first, least, most, names)
            high = _number(last, least, most, names)
        else:
            low = _number(first, least, most, names)
            high = most if has_step else low
        if low > high:
            raise ValueError(f"{part!r} runs backwards")
        values.update(range(low, high + 1, step))
    return frozenset(values)


def _number(text: str, least: int, most: int, names: tuple[str, ...]) -> int:
    if (name := text.lower()[:3]) in names:
        return names.index(name) + least
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{text!r} is not a value from {least} to {most}")
    return int(text)
