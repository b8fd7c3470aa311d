"""Lanes: the sessions of `changes`, a fixed number of them.

One lane is consumed by one invocation at a time anywhere in the fleet, so that the changes of one
device stay in order and the number of lanes caps how much runs at once. Background work has lanes
of its own, as many: whatever of it waits, for a quota or a slow call, nobody else stands behind it.
"""

import hashlib


def lane_of(device: str, lanes: int, *, background: bool = False) -> str:
    """The lane of a device: the same in every process, `lane-00` or `background-00` to `…-NN`."""
    digest = hashlib.sha256(device.encode()).digest()
    kind = "background" if background else "lane"
    return f"{kind}-{int.from_bytes(digest[:8]) % lanes:02d}"
