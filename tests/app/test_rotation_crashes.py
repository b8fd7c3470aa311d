"""A rotation under crashes and doubled deliveries at every call that it makes.

Failing calls, and pairs of mishaps, are for `make proof`.
"""

import pytest
from simulation.boundary import Mishap
from simulation.rotations import SCENARIOS, play_and_check


def calls(name: str) -> range:
    """The numbers of the calls of an undisturbed rotation."""
    return range(len(play_and_check(name, {}).boundary.names))


@pytest.mark.parametrize("mishap", [Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.LOCK_LOST])
@pytest.mark.parametrize("name", SCENARIOS)
def test_any_single_mishap_changes_nothing_about_the_end(name: str, mishap: Mishap) -> None:
    for call in calls(name):
        world = play_and_check(name, {call: mishap})
        assert world.boundary.happened[mishap] == 1
