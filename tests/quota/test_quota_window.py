"""The sliding window of a quota: never more in any span, never less than it may be."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.graph.routes import ROUTES
from shared.quota.quotas import QUOTAS, Quota, read_quotas, spent_by
from shared.quota.window import LEAST, Window

QUOTA = Quota("intune-writes", 200, 20.0)
NOW = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


def drain(seconds: float, *, step: float = 0.1, share: float = 1.0) -> list[float]:
    """The times of what is taken by somebody who always wants more."""
    window, taken, now = Window(), list[float](), NOW
    while now < NOW + seconds:
        window, got = window.take(QUOTA, now, 50, share)
        taken += [now] * got
        now += step
    return taken


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


def test_a_burst_is_let_through_at_once_and_a_backlog_flows_evenly() -> None:
    _, got = Window().take(QUOTA, NOW, 20, 1.0)
    assert got == 20
    times = [at for at in drain(200) if at > NOW + 60]
    assert max(later - at for at, later in pairwise(times)) < 2


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.integers(1, 60), st.floats(0.1, 1.0)),
        min_size=1,
        max_size=80,
    )
)
def test_no_span_ever_has_more_than_the_quota(wishes: list[tuple[float, int, float]]) -> None:
    window, now, times = Window(), NOW, list[float]()
    for pause, wanted, share in wishes:
        now += pause
        window, got = window.take(QUOTA, now, wanted, share)
        times += [now] * got
    assert most_in_any_span(times, 20) <= 200


@given(st.floats(0, 60), st.integers(1, 200))
def test_after_the_told_wait_there_is_one(pause: float, taken: int) -> None:
    window, now = Window(), NOW
    for _ in range(taken):
        window, _ = window.take(QUOTA, now, 50, 1.0)
        now += pause / taken
    wait = 0.0
    for _ in range(3):  # a wait for the slot may be followed by one for the window
        window, got = window.take(QUOTA, now, 1, 1.0)
        if got:
            break
        wait = window.wait(QUOTA, now, 1.0)
        assert 0 < wait <= 20.5
        now += wait + 0.001
    assert got == 1


def test_a_429_closes_the_window_and_shrinks_the_budget_which_grows_back() -> None:
    window = Window().refused(QUOTA, NOW, 7.0)
    assert window.take(QUOTA, NOW + 6.9, 1, 1.0)[1] == 0
    assert window.wait(QUOTA, NOW, 1.0) == 7.0
    assert window.budget(QUOTA, NOW) < 1.0
    assert window.budget(QUOTA, NOW + 60) == 1.0
    assert window.refused(QUOTA, NOW + 1, None).factor == window.factor, "they were out together"
    for second in range(0, 500, 6):
        window = window.refused(QUOTA, NOW + second, None)
    assert window.factor == LEAST


def test_a_clock_that_is_behind_takes_nothing_twice() -> None:
    window, got = Window().take(QUOTA, NOW, 50, 1.0)
    window, more = window.take(QUOTA, NOW - 5, 50, 1.0)
    assert (got, more) == (20, 0)


def test_every_route_counts_against_the_quotas_of_its_service() -> None:
    assert spent_by(ROUTES["patch-managed-device"]) == ("intune-writes", "intune")
    assert spent_by(ROUTES["get-managed-device"]) == ("intune",)
    assert spent_by(ROUTES["patch-device"]) == ("directory-writes", "directory-units")
    assert spent_by(ROUTES["get-user"]) == ("directory-units",)
    assert all(set(spent_by(route)) <= set(QUOTAS) for route in ROUTES.values())


def test_a_quota_may_have_another_size() -> None:
    assert read_quotas("intune-writes=20/2.5")["intune-writes"] == Quota("intune-writes", 20, 2.5)
    assert read_quotas("") == QUOTAS
