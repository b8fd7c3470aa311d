"""Random histories of rotations: no password is lost, whatever happens and whoever decides."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulation.boundary import Mishap
from simulation.room_histories import DECISIONS, MOST_CALLS, OUTCOMES, History

histories = st.builds(
    History,
    outcomes=st.lists(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=4), max_size=2),
    rejecting=st.integers(0, 4),
    rotations=st.integers(1, 3),
    mishaps=st.dictionaries(st.integers(0, MOST_CALLS), st.sampled_from(list(Mishap)), max_size=5),
    decisions=st.lists(st.sampled_from(DECISIONS), max_size=3),
    when=st.sampled_from(["reverse", "hold"]),
    guarded=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_no_history_loses_a_password(history: History) -> None:
    history.play()
