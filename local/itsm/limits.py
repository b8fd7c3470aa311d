"""So many calls in any window of so many seconds, each failed one included."""

import math
from collections import deque

from pydantic import BaseModel, PositiveFloat, PositiveInt

from local.standins.faults import STRICT

from .desk import Clock


class Limit(BaseModel):
    """What a tool allows one caller."""

    model_config = STRICT
    calls: PositiveInt
    seconds: PositiveFloat


class Calls:
    """Counts calls of each tool; one without a limit is free."""

    def __init__(self, clock: Clock) -> None:
        self.limits: dict[str, Limit] = {}
        self._made: dict[str, deque[float]] = {}
        self._clock = clock

    def wait(self, tool: str) -> int:
        """Count a call; the seconds until the next one is taken, 0 for this one."""
        limit = self.limits.get(tool)
        if limit is None:
            return 0
        now, made = self._clock(), self._made.setdefault(tool, deque())
        while made and made[0] <= now - limit.seconds:
            made.popleft()
        made.append(now)
        if len(made) <= limit.calls:
            return 0
        return max(1, math.ceil(made[0] + limit.seconds - now))
