"""The schedule language, against times worked out by hand."""

from datetime import UTC, datetime

import pytest

from local.host.timers.ncrontab import Schedule


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("*/15 * * * * *", "2026-11-22T12:00:14.999", "2026-11-22T12:00:15"),
        ("*/15 * * * * *", "2026-11-22T12:00:15", "2026-11-22T12:00:30"),
        ("0 */5 * * * *", "2026-11-22T12:58:01", "2026-11-22T13:00:00"),
        ("0 0 9-17 * * mon-fri", "2026-11-20T17:00:00", "2026-11-23T09:00:00"),
        ("0 30 9 * Jan,July Monday", "2026-11-22T00:00:00", "2027-01-04T09:30:00"),
        ("0 0 0 1 1 *", "2026-11-22T00:00:00", "2027-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2026-11-22T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 0 13 * 5", "2026-11-22T00:00:00", "2027-08-13T00:00:00"),
        ("0 10/20 * * * *", "2026-11-22T12:31:00", "2026-11-22T12:50:00"),
        ("30 4 * * *", "2026-11-22T12:00:00", "2026-11-23T04:30:00"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:59", "2027-12-31T23:59:59"),
    ],
)
def test_the_next_occurrence(expression, after, expected):
    assert Schedule(expression).next_after(at(after)) == at(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "60 * * * * *",
        "* * 24 * * *",
        "* * * 0 * *",
        "* * * * 13 *",
        "* * * * * 7",
        "*/0 * * * * *",
        "5-1 * * * * *",
        "x * * * * *",
        "1, * * * * *",
        "-1 * * * * *",
        "00:00:10",
        "0 0 0 30 2 *",
        "² * * * * *",
    ],
)
def test_what_is_not_ncrontab_is_refused(expression):
    with pytest.raises(ValueError, match=r"\S"):
        Schedule(expression)


def test_only_a_schedule_within_the_minute_goes_unmonitored():
    assert Schedule("*/15 * * * * *").is_under_a_minute
    assert not Schedule("0 * * * * *").is_under_a_minute
