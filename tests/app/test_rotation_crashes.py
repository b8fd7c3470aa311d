"""A rotation under crashes, lost replies and doubled deliveries at every call that it makes."""

import pytest
from simulation.boundary import Mishap
from simulation.rotations import SCENARIOS, play_and_check


def calls(name: str) -> range:
    """The numbers of the calls of an undisturbed rotation."""
    return range(len(play_and_check(name, {}).boundary.names))


@pytest.mark.parametrize("mishap", Mishap)
@pytest.mark.parametrize("name", SCENARIOS)
def test_any_single_mishap_changes_nothing_about_the_end(name: str, mishap: Mishap) -> None:
    for call in calls(name):
        world = play_and_check(name, {call: mishap})
        assert world.boundary.happened[mishap] == 1


PROVEN_IN_PAIRS = ("one device", "the device does not know how", "the directory rejects a password")
CRASHES = (Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.LOCK_LOST)


@pytest.mark.slow
@pytest.mark.parametrize("second", CRASHES)
@pytest.mark.parametrize("first", CRASHES)
@pytest.mark.parametrize("name", PROVEN_IN_PAIRS)
def test_any_pair_of_mishaps_changes_nothing_about_the_end(
    name: str, first: Mishap, second: Mishap
) -> None:
    """The second one also meets the calls by which the first one is made good."""
    for one in calls(name):
        after = len(play_and_check(name, {one: first}).boundary.names)
        for other in range(one + 1, after):
            play_and_check(name, {one: first, other: second})
