"""A rotation under crashes and doubled deliveries at every call that it makes.

All of them, failing calls, and pairs of mishaps, are played with every commit by
`python tests/proof --only crashes`; `make test` plays those that lose a reply.
"""

import pytest
from simulation.boundary import Mishap
from simulation.rotations import SCENARIOS, play_and_check


def calls(name: str) -> range:
    """The numbers of the calls of an undisturbed rotation."""
    return range(len(play_and_check(name, {}).boundary.names))


@pytest.mark.parametrize(
    "mishap",
    [
        Mishap.CRASH_AFTER,
        pytest.param(Mishap.CRASH_BEFORE, marks=pytest.mark.slow),
        pytest.param(Mishap.LOCK_LOST, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", SCENARIOS)
def test_any_single_mishap_changes_nothing_about_the_end(name: str, mishap: Mishap) -> None:
    for call in calls(name):
        world = play_and_check(name, {call: mishap})
        assert world.boundary.happened[mishap] == 1
