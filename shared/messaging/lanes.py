"""Lanes: the sessions of `changes`, a fixed number of them.

One lane is consumed by one invocation at a time anywhere in the fleet, so that the changes of one
device stay in order and the number of lanes caps how much runs at once.
"""

import hashlib


def lane_of(device: str, lanes: int) -> str:
    """The lane of a device: the same in every process, `lane-00` to `lane-NN`."""
    digest = hashlib.sha256(device.encode()).digest()
    return f"lane-{int.from_bytes(digest[:8]) % lanes:02d}"
