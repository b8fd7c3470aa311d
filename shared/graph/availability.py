"""Which routes do not exist in which cloud.

Sources: the table "national cloud deployments" on the reference page of each route, and the
metadata that the clouds publish (August 2026). Every route of `routes` exists in all four clouds
of `shared.clouds`. The clouds USNat, USSec and GovSG have no managedDevice, and are none of them.
"""

from shared.clouds import Cloud
from shared.graph.route import Route

ABSENT: dict[str, frozenset[str]] = {}
"""Per route, by name: the clouds, by name, that do not have it."""


def exists_in(cloud: Cloud, route: Route) -> bool:
    """Whether the Graph of this cloud has the route."""
    return cloud.name not in ABSENT.get(route.name, ())
