"""Wait for what happens elsewhere, with a deadline."""

import time
from collections.abc import Callable

PAUSE = 0.1
"""Seconds; each look takes the host and the tables ten milliseconds of work."""


def eventually[T](look: Callable[[], T | None], *, within: float = 20.0, what: str = "") -> T:
    """The first truthy thing that `look` finds within that many seconds."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what or look}"
        time.sleep(PAUSE)
    return found
