"""What the topics about growth share: how much of everything, and their settings."""

import os
from collections.abc import Mapping

SETTINGS: Mapping[str, str] = {
    # So that the machine is the limit.
    "GRAPH_QUOTAS": "intune-writes=900000/20,intune=900000/20,"
    "directory-writes=900000/150,directory-units=900000/10",
    "BULK_OPEN": "200",
    # Nobody but what is measured asks for rotations.
    "ROTATION_SCHEDULE": "0 0 0 1 1 *",
    "RECONCILE_SCHEDULE": "0 0 0 1 1 *",
}


def chosen[T](quick: T, full: T) -> T:
    """All that there may be with `SCALE=full`, and else a small part of it."""
    return full if os.environ.get("SCALE") == "full" else quick
