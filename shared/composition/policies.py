"""Who may do what, and what makes everything stand still."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.services import settings
from shared.composition.stores import held, policy_cells

if TYPE_CHECKING:
    from shared.policy.brakes import Brakes
    from shared.policy.clearance import PolicyClearance
    from shared.policy.judge import Judge
    from shared.policy.kill_switch import KillSwitch
    from shared.policy.policy_file import PolicyFile


async def engaged() -> dict[str, bool]:
    """Whether the kill switch and the brakes are on, by name."""
    from shared.policy.kill_switch import CELL

    states = await brakes().states()
    brakes_on = {state.brake.name: state.engaged_at is not None for state in states}
    return {CELL: (await kill_switch().state()).on, **brakes_on}


@cache
def policy_file() -> "PolicyFile":
    """Who may do what."""
    from shared.policy.policy_file import PolicyFile

    return PolicyFile(settings().policy_file)


@cache
def judge() -> "Judge":
    """The policy, for every way in."""
    from shared.policy.counting import Counting
    from shared.policy.judge import Judge
    from shared.policy.limits import Limits

    return Judge(policy_file(), Limits(Counting(policy_cells()), utc_now), held())


@cache
def kill_switch() -> "KillSwitch":
    """What makes everything stand still."""
    from shared.policy.kill_switch import KillSwitch

    return KillSwitch(policy_cells(), utc_now)


def brakes() -> "Brakes":
    """The brakes of the policy."""
    from shared.policy.brakes import Brakes

    return Brakes(policy_file(), policy_cells())


@cache
def clearance() -> "PolicyClearance":
    """The policy, before anything is written."""
    from shared.policy.clearance import PolicyClearance

    stopped = timedelta(seconds=settings().patience.stopped)
    return PolicyClearance(policy_file(), kill_switch(), held(), utc_now, stopped)
