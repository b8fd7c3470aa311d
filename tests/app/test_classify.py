"""What an error answer of Graph means, and every form of Retry-After that has been seen."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.faults import Permanent, Transient
from shared.graph.classify import classify
from shared.retry_after import LONGEST_WAIT, retry_after

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("0.5", 0.5),
        ("30,120", 120.0),
        ("30, 5", 30.0),
        ("Tue, 01 Dec 2026 12:01:00 GMT", 60.0),
        ("Tue, 01 Dec 2026 13:01:00 +0100", 60.0),
        ("999999999", LONGEST_WAIT),
        ("Tue, 01 Dec 2099 12:00:00 GMT", LONGEST_WAIT),
        *((value, None) for value in (None, "", "0", "-1", "nan", "inf", "1e999", "soon", "1,x")),
        ("Tue, 01 Dec 2026 11:00:00 GMT", None),
        ("Tue, 01 Dec 2026 12:01:00", None),
        ("Tue, 99 Dec 2026 12:01:00 GMT", None),
        ("Tue, 01 Dec 2026 12:01:00 +3000000000000", None),
    ],
)
def test_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


DATES = st.from_regex(
    r"(Mon, )?[0-9]{1,2} (Jan|Foo) [0-9]{1,9} [0-9]{1,3}:[0-9]{1,3}(:[0-9]{1,3})?"
    r" (GMT|[+-][0-9]{1,30}|X)",
    fullmatch=True,
)


@given(st.one_of(st.text(), DATES))
def test_retry_after_is_a_wait_or_nothing_whatever_it_says(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 < seconds <= LONGEST_WAIT


@pytest.mark.parametrize("status", [408, 412, 423, 429, 500, 502, 503, 504, 509])
def test_what_may_pass_is_transient_and_gateways_leave_doubt(status: int) -> None:
    fault = classify(status, None, None, {"retry-after": "7"}, NOW)
    assert isinstance(fault, Transient)
    assert fault.retry_after == 7
    assert fault.in_doubt is (status not in {412, 423, 429})


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 415, 422, 501])
def test_what_stays_wrong_is_permanent(status: int) -> None:
    fault = classify(status, "Request_BadRequest", "No.", {}, NOW)
    assert isinstance(fault, Permanent)
    assert (fault.code, fault.detail) == (f"graph-{status}-Request_BadRequest", "No.")


def test_a_conflict_of_two_writers_in_the_directory_passes() -> None:
    assert isinstance(classify(409, "Directory_ConcurrencyViolation", "", {}, NOW), Transient)


def test_intune_may_ask_for_a_wait_inside_its_message() -> None:
    nested = json.dumps({"_version": 3, "Message": "Busy.", "RetryAfter": "9"})
    fault = classify(503, "ServiceUnavailable", nested, {}, NOW)
    assert isinstance(fault, Transient)
    assert (fault.detail, fault.retry_after) == ("Busy.", 9)


@given(st.integers(400, 599), st.none() | st.text(), st.none() | st.text())
def test_any_answer_is_a_fault_with_words_of_a_bounded_length(
    status: int, code: str | None, message: str | None
) -> None:
    fault = classify(status, code, message, {}, NOW)
    assert 0 < len(fault.detail) <= 500
    assert fault.code.startswith(f"graph-{status}")
