"""The sliding window of one quota: what was taken when, and what may still be taken.

Time is cut into slots, a fortieth of the quota's seconds each. The counts of the last forty and of
the one that has begun never add up to more than the quota, so no span of its seconds has more
calls, wherever the service lets its own windows begin.

A slot has its part, or a tenth of what is free where that is more: a small burst goes through at
once, and a backlog soon flows evenly instead of stopping for most of each span. What background
work took in a slot takes nothing from the others' part of it.

A 429 means that others use the quota too, or that it is smaller than documented: the window closes
for as long as the service says, and the budget shrinks and grows back.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

from shared.quota.quotas import Quota

SLOTS = 40
SHRINKS, LEAST = 0.7, 0.1
BURST = 10
"""A slot may have one in so many of those that are free."""
CLOSED = 5.0
"""Seconds, where a 429 does not say how long."""
GROWS = 0.1
"""By so much of the whole in each of the quota's spans without a 429."""


@dataclass(frozen=True, slots=True)
class Window:
    """`slot` is the number of the newest slot, `counts` what was taken in it and those before it.

    `background` is how many of the newest slot's background work took.
    `factor` is the part of the quota that was left at `shrunk_at`; nothing may be taken before
    `closed_until`. Times are seconds since the epoch.
    """

    slot: int = 0
    counts: tuple[int, ...] = ()
    background: int = 0
    factor: float = 1.0
    shrunk_at: float = 0.0
    closed_until: float = 0.0

    def take(
        self, quota: Quota, now: float, wanted: int, share: float, *, background: bool = False
    ) -> tuple[Self, int]:
        """The window behind taking up to `wanted` of the quota's `share`, and how many it were."""
        here = self.at(quota, now)
        if now < here.closed_until:
            return here, 0
        taken = max(0, min(wanted, *here.free(quota, now, share, background=background)))
        counts = (*here.counts[:-1], here.counts[-1] + taken)
        behind = here.background + (taken if background else 0)
        return replace(here, counts=counts, background=behind), taken

    def wait(self, quota: Quota, now: float, share: float, *, background: bool = False) -> float:
        """Seconds until one may be taken, as far as can be told now."""
        if now < self.closed_until:
            return self.closed_until - now
        here, length = self.at(quota, now), quota.seconds / SLOTS
        in_window, in_slot = here.free(quota, now, share, background=background)
        if in_slot <= 0 < in_window:
            return (here.slot + 1) * length - now
        over = 1 - in_window
        for number, count in enumerate(here.counts, start=1):
            over -= count
            if over <= 0:
                # That slot has left the window when as many new ones have begun.
                begins = (here.slot + number) * length
                return max(begins - now, 0.0)
        return quota.seconds

    def free(self, quota: Quota, now: float, share: float, *, background: bool) -> tuple[int, int]:
        """How many the window, and its newest slot, have room for."""
        budget = int(quota.most * share * self.budget(quota, now))
        in_window = budget - sum(self.counts)
        in_slot = self.counts[-1] - (0 if background else self.background)
        most = max(math.ceil(budget / SLOTS), (in_window + in_slot) // BURST)
        return in_window, most - in_slot

    def refused(self, quota: Quota, now: float, retry_after: float | None) -> Self:
        """The window behind a 429.

        Calls that were out together are refused together, which is one lesson.
        """
        here, until = self.at(quota, now), now + (retry_after or CLOSED)
        if now < here.closed_until:
            return replace(here, closed_until=max(here.closed_until, until))
        factor = max(LEAST, here.budget(quota, now) * SHRINKS)
        return replace(here, factor=factor, shrunk_at=now, closed_until=until)

    def budget(self, quota: Quota, now: float) -> float:
        """The part of the quota that is used now."""
        return min(1.0, self.factor + GROWS * max(now - self.shrunk_at, 0.0) / quota.seconds)

    def at(self, quota: Quota, now: float) -> Self:
        """The same window when slots have gone by. A clock that is behind changes nothing."""
        slot = max(int(now / (quota.seconds / SLOTS)), self.slot)
        gone = min(slot - self.slot, SLOTS + 1)
        counts = ((0,) * (SLOTS + 1) + self.counts)[-(SLOTS + 1) :]
        return replace(
            self,
            slot=slot,
            counts=(*counts, *(0,) * gone)[-(SLOTS + 1) :],
            background=0 if gone else self.background,
        )
