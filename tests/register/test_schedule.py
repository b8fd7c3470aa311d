"""A rotation is due in its window, whatever the clocks do, and never all accounts at once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.register.document import DeviceAccountDocument, Schedule
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.schedule import next_due, next_slot, opening_of, retry_due, window_end
from shared.windows import Window

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",  # half an hour beside the others
    "Australia/Lord_Howe",  # summer time is half an hour
    "Pacific/Apia",  # skipped 30 December 2011
    "Africa/Casablanca",
)
NIGHT = Window(opens="22:00", closes="04:00", timeZone="Europe/Berlin")
MINUTES = st.integers(0, 24 * 60 - 1)
TIMES = st.integers(1_200_000_000, 2_100_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


def wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def windows(draw: st.DrawFn) -> Window:
    opens, length = draw(MINUTES), draw(st.integers(1, 24 * 60 - 1))
    closes = (opens + length) % (24 * 60)
    return Window(opens=wall(opens), closes=wall(closes), timeZone=draw(st.sampled_from(ZONES)))


def entry(
    window: Window | None = None,
    *,
    account: str = "room-17@contoso.com",
    days: int | None = 30,
    verified_at: datetime | None = None,
    paused: bool = False,
) -> Entry:
    document = DeviceAccountDocument(
        account=account,
        family="directoryOnly",
        schedule=Schedule(everyDays=days, window=window),
        paused=paused,
    )
    return Entry(entry_id(account), document, EntryState.NEW, None, verified_at=verified_at)


def is_on_the_wall(window: Window, at: datetime) -> bool:
    """Whether a clock in that place shows a time of the window."""
    shown = f"{at.astimezone(ZoneInfo(window.timeZone)):%H:%M}"
    if window.opens < window.closes:
        return window.opens <= shown < window.closes
    return shown >= window.opens or shown < window.closes


@given(window=windows(), day=st.dates(date(2008, 1, 1), date(2037, 1, 1)), part=st.floats(0, 1))
def test_every_moment_of_an_opening_is_in_the_window_by_the_clocks_of_the_place(
    window: Window, day: date, part: float
) -> None:
    opening = opening_of(window, day)
    if opening is None:
        return  # the clocks skip it, see the next test
    assert opening.opens < opening.closes <= opening.opens + timedelta(hours=26)
    inside = opening.opens + part * (opening.closes - opening.opens - timedelta(seconds=1))
    assert is_on_the_wall(window, inside)
    assert window_end(entry(window).document, inside) == opening.closes


@pytest.mark.parametrize(
    ("day", "opens", "closes", "zone", "expected"),
    [
        # 02:00 to 03:00 does not exist on 29 March 2026 in Berlin: what is left is used, or nothing
        ("2026-03-29", "01:30", "02:30", "Europe/Berlin", ("00:30", "01:00")),
        ("2026-03-29", "02:30", "03:30", "Europe/Berlin", ("01:00", "01:30")),
        ("2026-03-29", "02:10", "02:50", "Europe/Berlin", None),
        ("2026-03-28", "23:00", "02:30", "Europe/Berlin", ("22:00", "01:00")),
        # 02:00 to 03:00 comes twice on 25 October 2026
        ("2026-10-25", "01:30", "02:30", "Europe/Berlin", ("23:30", "00:30")),
        ("2026-10-25", "02:30", "03:30", "Europe/Berlin", ("01:30", "02:30")),
        ("2026-10-25", "02:10", "02:50", "Europe/Berlin", ("00:10", "00:50")),
        ("2026-10-25", "00:00", "06:00", "Europe/Berlin", ("22:00", "05:00")),
        ("2011-12-30", "01:00", "05:00", "Pacific/Apia", None),
    ],
)
def test_a_window_at_a_change_of_the_clocks(
    day: str, opens: str, closes: str, zone: str, expected: tuple[str, str] | None
) -> None:
    window = Window(opens=opens, closes=closes, timeZone=zone)
    opening = opening_of(window, date.fromisoformat(day))
    found = opening and (f"{opening.opens:%H:%M}", f"{opening.closes:%H:%M}")
    assert found == expected


@given(window=st.none() | windows(), after=TIMES, days=st.integers(1, 730))
def test_the_next_rotation_is_due_later_in_a_window_and_about_when_it_should_be(
    window: Window | None, after: datetime, days: int
) -> None:
    due = next_due(entry(window, days=days, verified_at=after), after)
    assert due is not None
    assert due > after
    assert due.microsecond == 0
    assert window is None or is_on_the_wall(window, due)
    assert abs((due - after) / timedelta(days=1) - days) < 3


@given(window=st.none() | windows(), after=TIMES, days=st.integers(1, 730))
def test_a_first_rotation_is_due_within_the_first_interval(
    window: Window | None, after: datetime, days: int
) -> None:
    due = next_due(entry(window, days=days), after)
    assert due is not None
    assert after < due < after + timedelta(days=days + 3)


@given(window=st.none() | windows(), at=TIMES)
def test_a_late_one_gets_its_moment_in_the_next_window_and_a_retry_the_first_in_any(
    window: Window | None, at: datetime
) -> None:
    document = entry(window).document
    slot, retry = next_slot(document, at), retry_due(document, at)
    assert at < slot < at + timedelta(days=4)
    assert at - timedelta(seconds=1) < retry <= slot
    for due in (slot, retry):
        assert window is None or is_on_the_wall(window, due)
        end = window_end(document, due)
        assert end is None if window is None else end is not None and due < end


def test_what_is_paused_or_on_request_only_is_never_due() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert next_due(entry(days=None), now) is None
    assert next_due(entry(paused=True), now) is None


def test_accounts_are_spread_over_the_days_and_over_the_window() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    rooms = [entry(NIGHT, account=f"room-{number}@contoso.com") for number in range(6_000)]
    first = [next_due(each, now) for each in rooms]
    assert first == [next_due(each, now) for each in rooms], "stable"
    by_night = Counter((due - timedelta(hours=12)).date() for due in first if due)
    assert len(by_night) == 30
    assert max(by_night.values()) < 300
    one_night = [next_slot(each.document, now + timedelta(hours=12)) for each in rooms]
    by_quarter = Counter(int((due - min(one_night)).total_seconds() // 900) for due in one_night)
    assert len(by_quarter) == 24
    assert max(by_quarter.values()) < 350


def test_an_account_does_not_always_come_last() -> None:
    room, at, moments = entry(NIGHT, days=1), datetime(2026, 12, 1, tzinfo=UTC), set[float]()
    for _ in range(30):
        due = next_due(replace(room, verified_at=at), at)
        assert due is not None
        moments.add(due.hour)
        at = due
    assert len(moments) == 6


def test_without_a_window_the_interval_is_kept_to_the_second() -> None:
    at = datetime(2026, 12, 1, 13, 14, 15, 16, tzinfo=UTC)
    due = next_due(entry(days=7, verified_at=at), at)
    assert due == datetime(2026, 12, 8, 13, 14, 15, tzinfo=UTC)
