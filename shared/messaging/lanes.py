"""Lanes: the sessions of `changes`, a fixed number of them.

One lane is consumed by one invocation at a time anywhere in the fleet, so that the number of lanes
caps how much runs at once. It is first come, first served, and stands still while its first change
waits for a quota. So whoever has quotas of its own, or a crowd behind it, has lanes of its own, as
many: each of Graph's services, and in each of them background work, the queue `intake`, and the
rest, which is people and their tickets.
"""

import hashlib


def lane_of(device: str, lanes: int, service: str, crowd: str = "") -> str:
    """The lane of a change to a device by one of Graph's services: the same in every process.

    `intune-00` to `intune-NN`, `directory-NN`, `intake-intune-NN`, `background-directory-NN` ….
    """
    digest = hashlib.sha256(device.encode()).digest()
    kind = f"{crowd}-{service}" if crowd else service
    return f"{kind}-{int.from_bytes(digest[:8]) % lanes:02d}"
