"""The sliding window of a quota: never more in any span, never less than it may be."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.graph.routes import ROUTES
from shared.quota.quotas import QUOTAS, Quota, read_quotas, spent_by
from shared.quota.window import FURTHEST, GROWS, LEAST, SHRINKS, SLOTS, Window

QUOTA = Quota("intune-writes", 200, 20.0)
SLOT = QUOTA.seconds / SLOTS
NOW = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


def take(window: Window, now: float, wanted: int, *, share: float = 1.0) -> tuple[Window, int]:
    """Take as many as may be used at once."""
    for got in range(wanted):
        behind, at = window.book(QUOTA, now, share, until=now)
        if at > now:
            return window, got
        window = behind
    return window, wanted


def drain(seconds: float, *, share: float = 1.0) -> list[float]:
    """When those go who always want more and wait for their place, sixteen at a time."""
    window, waiting = Window(), [NOW] * 16
    taken = list[float]()
    while waiting[0] < NOW + seconds:
        now = waiting.pop(0)
        window, at = window.book(QUOTA, now, share, until=now + 60)
        taken.append(at)
        waiting = sorted([*waiting, at + 0.5])
    return sorted(at for at in taken if at < NOW + seconds)


def most_in_any_span(times: list[float], seconds: float) -> int:
    times, most, first = sorted(times), 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_a_backlog_uses_nearly_all_of_the_quota() -> None:
    times = drain(200)
    assert most_in_any_span(times, 20) <= 200
    assert len(times) >= 0.95 * 200 * 10


def test_only_the_share_is_used() -> None:
    assert most_in_any_span(drain(100, share=0.5), 20) <= 100


def test_a_burst_is_let_through_and_a_backlog_flows_evenly() -> None:
    window, got = take(Window(), NOW, 20)
    assert got == 10
    window, more = take(window, NOW + 4 * SLOT, 200)
    assert more == 9, "a twentieth of what is left"
    times = [at for at in drain(200) if at > NOW + 60]
    assert max(later - at for at, later in pairwise(times)) < 2


def test_who_books_first_goes_first() -> None:
    window, places = Window(), list[float]()
    for _ in range(300):
        window, at = window.book(QUOTA, NOW, 1.0, until=NOW + 60)
        places.append(at)
    assert places == sorted(places)
    assert most_in_any_span(places, 20) <= 200


def test_a_place_that_comes_too_late_is_not_booked() -> None:
    full = Window()
    for _ in range(200):
        full, _ = full.book(QUOTA, NOW, 1.0, until=NOW + 60)
    behind, at = full.book(QUOTA, NOW, 1.0, until=NOW + 10)
    assert at > NOW + 20
    assert sum(behind.counts) == sum(full.counts)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.floats(0, 6), st.integers(1, 40), st.floats(0.1, 1.0), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_no_span_ever_has_more_than_the_quota(
    wishes: list[tuple[float, int, float, bool]],
) -> None:
    window, now, times = Window(), NOW, list[float]()
    for pause, wanted, share, background in wishes:
        now += pause
        for _ in range(wanted):
            behind, at = window.book(QUOTA, now, share, until=now + 30, background=background)
            if at <= now + 30:
                window = behind
                times.append(at)
    # Each may be used at any time of its slot, and travel for another one.
    early = [at - at % SLOT for at in times]
    assert most_in_any_span(early, QUOTA.seconds + 2 * SLOT) <= 200


def test_background_work_is_behind_in_the_window_and_in_each_slot() -> None:
    window, now = Window(), NOW
    for _ in range(400):
        now += 0.05
        behind, at = window.book(QUOTA, now, 0.9, until=now, background=True)
        if at <= now:
            window = behind
    assert window.book(QUOTA, now, 0.9, until=now, background=True)[1] > now
    assert take(window, now, 3)[1] == 3


def test_a_429_closes_the_window_and_what_went_through_is_the_budget_which_grows_back() -> None:
    window = Window()
    for _ in range(150):
        window, _ = window.book(QUOTA, NOW, 1.0, until=NOW + 60)
    full = NOW + 20
    went = window.used(QUOTA, full) / 200
    window = window.refused(QUOTA, full, 1.0, 7.0)
    assert window.factor == went * SHRINKS
    assert window.book(QUOTA, full, 1.0, until=full + 7)[1] >= full + 7
    assert window.refused(QUOTA, full + 1, 1.0, None).factor == window.factor, "out together"
    assert window.budget(QUOTA, full + 20) == window.factor + GROWS
    assert window.budget(QUOTA, full + 20 / GROWS) == 1.0


def test_a_429_never_takes_more_than_a_half_and_leaves_some() -> None:
    window = Window().refused(QUOTA, NOW, 1.0, None)
    assert window.factor == 0.5
    for second in range(0, 500, 6):
        window = window.refused(QUOTA, NOW + second, 1.0, None)
    assert window.factor == LEAST


def test_what_graph_says_others_use_beyond_the_part_left_to_them_is_given_up() -> None:
    window = Window()
    for _ in range(100):
        window, _ = window.book(QUOTA, NOW, 0.9, until=NOW + 60)
    now = NOW + 15
    ours = window.used(QUOTA, now) / 200
    assert window.heard(QUOTA, now, 0.9, ours + 0.1) is window
    assert window.heard(QUOTA, now, 0.9, ours + 0.4).factor == pytest.approx(0.6 / 0.9)
    assert window.heard(QUOTA, now, 0.9, 1.8).factor == LEAST


def test_a_clock_that_is_ahead_or_behind_takes_nothing_twice() -> None:
    for difference in (-5, 5):
        window, got = take(Window(), NOW, 200)
        for slot in range(60):
            window, more = take(window, NOW + slot * SLOT, 200)
            got += more
        window, _ = take(window, NOW + 15 + difference, 200)
        assert window.used(QUOTA, NOW + 15) >= got


@pytest.mark.parametrize("behind", [60, 3_600, 86_400])
def test_a_clock_that_is_far_behind_makes_no_record_that_does_not_fit_its_store(
    behind: int,
) -> None:
    window, got = take(Window(), NOW, 200)
    window, now = replace(window, factor=0.5, shrunk_at=NOW), NOW - behind
    late, at = window.book(QUOTA, now, 1.0, until=now + 30)
    assert at == now
    assert len(late.counts) == len(late.behind) <= FURTHEST + 2 * SLOTS
    assert (sum(late.counts) > got) == (behind == 60), "what is near enough still counts"
    assert late.factor == window.factor


def test_a_place_of_a_quota_with_plenty_counts_for_as_long_as_it_may_be_used() -> None:
    quota = QUOTAS["intune"]
    window, _ = Window().book(quota, NOW, 1.0, until=NOW)
    small = Quota("intune", 1, 20.0, plenty=True)
    assert window.book(small, NOW, 1.0, until=NOW)[1] >= NOW + 20 + 2


def test_every_route_counts_against_the_quotas_of_its_service() -> None:
    assert spent_by(ROUTES["patch-managed-device"]) == ("intune-writes", "intune")
    assert spent_by(ROUTES["get-managed-device"]) == ("intune",)
    assert spent_by(ROUTES["patch-device"]) == ("directory-writes", "directory-units")
    assert spent_by(ROUTES["get-user"]) == ("directory-units",)
    assert all(set(spent_by(route)) <= set(QUOTAS) for route in ROUTES.values())


def test_a_quota_may_have_another_size() -> None:
    assert read_quotas("intune-writes=20/2.5")["intune-writes"] == Quota("intune-writes", 20, 2.5)
    assert read_quotas("intune=20/2.5")["intune"].plenty
    assert read_quotas("") == QUOTAS
