"""Lanes: the sessions of `changes`, a fixed number of them.

One lane is consumed by one invocation at a time anywhere in the fleet, so that the number of lanes
caps how much runs at once. What has quotas of its own, or a smaller part of them, has lanes of its
own, as many: each of Graph's services, and in each background work. Whatever waits for a quota,
nobody stands behind it who needs none of that.
"""

import hashlib


def lane_of(device: str, lanes: int, service: str, *, background: bool = False) -> str:
    """The lane of a change to a device by one of Graph's services: the same in every process.

    `intune-00` to `intune-NN`, `directory-…`, `background-intune-…`, `background-directory-…`.
    """
    digest = hashlib.sha256(device.encode()).digest()
    kind = f"background-{service}" if background else service
    return f"{kind}-{int.from_bytes(digest[:8]) % lanes:02d}"
