"""Whether Sluice can do its work, and may."""

from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.policies import engaged, policy_file
from shared.composition.rotations import between, overdue
from shared.composition.services import graph_credential, sender, settings, tables, vault

if TYPE_CHECKING:
    from shared.health.checks import Check
    from shared.health.levels import Levels
    from shared.health.readiness import Health
    from shared.permissions.doctor import Doctor


async def levels() -> "Levels":
    """The numbers to set alarms on."""
    from shared.health.levels import Gauges

    return await Gauges(overdue, between, doctor().examine, engaged).look()


@cache
def health() -> "Health":
    """Whether changes can be accepted and carried out."""
    from shared.health.readiness import Health
    from shared.policy.offer import WITH_PASSWORDS
    from shared.webhooks.composition import sources

    checks: dict[str, Check] = {
        "records": lambda: tables().ping(),
        "queues": lambda: sender().ping(),
        "identity": lambda: graph_credential().get_token(),
        "webhooks": lambda: sources().check(),
        "policy": lambda: policy_file().check(),
    }
    if settings().offer.operations & WITH_PASSWORDS:
        # Loaded here, for what a check loads counts as time that it takes.
        checks["vault"] = vault().ping
    return Health(checks, doctor().examine, overdue, utc_now)


def doctor() -> "Doctor":
    """Whoever examines what the identity may do on Graph."""
    from shared.permissions.doctor import Doctor
    from shared.permissions.needs import may_need, needs_of

    async def token() -> str:
        return (await graph_credential().get_token()).token

    async def new_token() -> str:
        return (await graph_credential().renew()).token

    chosen = settings()
    enabled = chosen.offer.operations
    needs = needs_of(enabled, unofficial=chosen.unofficial_routes)
    return Doctor(token, new_token, needs, may_need(enabled))
