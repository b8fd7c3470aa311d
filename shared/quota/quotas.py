"""The quotas of Microsoft Graph that Sluice's calls count against.

Source: Microsoft Graph, "Service-specific throttling limits": Intune devices service, and Identity
and access, both per app and tenant. A tenant of more than 500 users has 8,000 resource units.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from shared.graph.route import Route

DIRECTORY = "directory"
INTUNE_WRITES, INTUNE = "intune-writes", "intune"
DIRECTORY_WRITES, DIRECTORY_UNITS = "directory-writes", "directory-units"

_PART = re.compile(r"([a-z-]+)=(\d{1,6})/(\d{1,4}(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in any so many seconds.

    Of one with `plenty`, an instance may take some ahead of their use: some of them are lost.
    """

    name: str
    most: int
    seconds: float
    plenty: bool = False


QUOTAS: Mapping[str, Quota] = MappingProxyType(
    {
        quota.name: quota
        for quota in (
            Quota(INTUNE_WRITES, 200, 20.0),
            Quota(INTUNE, 2_000, 20.0, plenty=True),
            Quota(DIRECTORY_WRITES, 3_000, 150.0),
            Quota(DIRECTORY_UNITS, 8_000, 10.0, plenty=True),
        )
    }
)


def service_of(route: Route) -> str:
    """Which of Graph's services has the quotas that a call counts against."""
    return INTUNE if route.permission.startswith("DeviceManagement") else DIRECTORY


def spent_by(route: Route) -> tuple[str, ...]:
    """The quotas that one call of the route counts against, the tightest first.

    A call to the directory costs one resource unit: a GET of a user costs two, and one less with
    $select. A page of a group's members costs five and counts as one, for only a person's command
    asks for it. A calendar is Exchange's, which has a quota for each mailbox: none of these.
    """
    if route.permission.startswith("Calendars"):
        return ()
    intune = service_of(route) == INTUNE
    if route.method == "GET":
        return (INTUNE,) if intune else (DIRECTORY_UNITS,)
    return (INTUNE_WRITES, INTUNE) if intune else (DIRECTORY_WRITES, DIRECTORY_UNITS)


def read_quotas(text: str) -> Mapping[str, Quota]:
    """`intune-writes=200/20,…` over the documented ones. Raises ValueError."""
    chosen = dict(QUOTAS)
    for part in text.split(",") if text else ():
        match = _PART.fullmatch(part.strip())
        if match is None or match[1] not in chosen or not int(match[2]) or not float(match[3]):
            raise ValueError(part)
        most, seconds = int(match[2]), float(match[3])
        chosen[match[1]] = replace(chosen[match[1]], most=most, seconds=seconds)
    return chosen
