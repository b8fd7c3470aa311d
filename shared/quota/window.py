"""The sliding window of one quota: what was taken when, what is booked, and what is still free.

Time is cut into slots, an eightieth of the quota's seconds each. A place is booked in the first
slot that has room: now, or soon. Whoever books knows when it may go and asks no more, so that
callers come in the order of their booking and nobody contends for a slot when it begins.

No eighty-three slots in a row have more than the quota: the eighty of the service's window,
wherever that begins, one because a slot is entered at any time of it, and two for calls that travel
longer than others and for clocks that differ.

A slot has its part, or a twentieth of what is free where that is more: a small burst goes through
at once, and a backlog flows evenly. What background work has in a slot takes nothing from the part
of the others.

A 429 means that others use the quota too, or that it is smaller than documented: the window closes
for as long as the service says, and the budget shrinks to what went through and grows back.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import sub
from typing import Self

from shared.quota.quotas import Quota

SLOTS = 80
MARGIN = 3
HELD = 8
"""Of a quota with plenty, a place may be used this many slots later, and counts as much longer."""
KEPT = SLOTS + 40
"""Slots of the past on record: more than count, for a clock that is ahead must lose none."""
FURTHEST = 10 * SLOTS
"""Slots that a clock may be behind that of who booked last. A record with all those between clocks
that are further apart would not fit its store; then it begins anew, and Graph says when it is too
much."""
STRETCH = 8
"""So many slots have their part together: parts are rounded up."""
BURST = 20
"""A slot may have one in so many of those that are free."""
SHRINKS, LEAST = 0.9, 0.1
CLOSED = 5.0
"""Seconds, where a 429 does not say how long."""
GROWS = 0.05
"""By so much of the whole in each of the quota's spans without a 429."""


@dataclass(frozen=True, slots=True)
class Window:
    """`counts` is what each slot has, from slot number `first` on.

    `behind` is how many of these background work has.
    `factor` is the part of the quota that was left at `shrunk_at`; nothing may be taken before
    `closed_until`. Times are seconds since the epoch.
    """

    first: int = 0
    counts: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    factor: float = 1.0
    shrunk_at: float = 0.0
    closed_until: float = 0.0

    def book(
        self, quota: Quota, now: float, share: float, *, until: float, background: bool = False
    ) -> tuple[Self, float]:
        """The window behind booking one of the quota's `share`, and when that may be used.

        It is booked only where that is not later than `until`.
        """
        length = quota.seconds / SLOTS
        here = self._from(int(now / length) - KEPT)
        budget = max(1, int(quota.most * share * self.budget(quota, now)))
        slots = _Slots(here, span_of(quota), background=background)
        slot = slots.first_free(int(max(now, self.closed_until) / length) - here.first, budget)
        at = max(now, (slot + here.first) * length)
        return (here.plus(slot, background=background) if at <= until else here), at

    def used(self, quota: Quota, now: float) -> int:
        """How many were taken in the quota's last seconds."""
        slot = int(now / (quota.seconds / SLOTS))
        return sum(self._from(slot - SLOTS).counts[: SLOTS + 1])

    def refused(self, quota: Quota, now: float, share: float, retry_after: float | None) -> Self:
        """The window behind a 429.

        What went through until then is what there is, or at least a half of it. Calls that were
        out together are refused together, which is one lesson.
        """
        until = max(self.closed_until, now + (retry_after or CLOSED))
        if now < self.closed_until:
            return replace(self, closed_until=until)
        budget, went = self.budget(quota, now), self.used(quota, now) / (quota.most * share)
        factor = max(LEAST, budget / 2, min(went, budget) * SHRINKS)
        return replace(self, factor=factor, shrunk_at=now, closed_until=until)

    def heard(self, quota: Quota, now: float, share: float, used: float) -> Self:
        """The window when so much of the quota is used by all: what others have is theirs.

        The share leaves them a part; what they use beyond it, the budget gives up.
        """
        others = used - self.used(quota, now) / quota.most
        factor = max(LEAST, (1 - others) / share)
        if factor >= self.budget(quota, now):
            return self
        return replace(self, factor=factor, shrunk_at=now)

    def budget(self, quota: Quota, now: float) -> float:
        """The part of the quota that is used now."""
        return min(1.0, self.factor + GROWS * max(now - self.shrunk_at, 0.0) / quota.seconds)

    def _from(self, first: int) -> Self:
        """The same window without what is older than the slot `first`, or far too new for it."""
        gone = first - self.first
        if not self.counts or not -FURTHEST <= gone < len(self.counts):
            return replace(self, first=first, counts=(), behind=())
        fill = (0,) * -gone
        counts, behind = self.counts[max(gone, 0) :], self.behind[max(gone, 0) :]
        return replace(self, first=first, counts=fill + counts, behind=fill + behind)

    def plus(self, slot: int, *, background: bool) -> Self:
        """The same window with one more in a slot, counted from the first."""
        more = (0,) * (slot + 1 - len(self.counts))
        counts, behind = [*self.counts, *more], [*self.behind, *more]
        counts[slot] += 1
        behind[slot] += background
        return replace(self, counts=tuple(counts), behind=tuple(behind))


def span_of(quota: Quota) -> int:
    """So many slots in a row have no more than the quota."""
    return SLOTS + MARGIN + (HELD if quota.plenty else 0)


class _Slots:
    """Looks for a slot with room; they are numbered from the first of the window."""

    def __init__(self, window: Window, span: int, *, background: bool) -> None:
        self._span, self._booked = span, len(window.counts)
        self._all = self._own = _Sums(window.counts)
        if not background and any(window.behind):
            self._own = _Sums(map(sub, window.counts, window.behind))

    def first_free(self, slot: int, budget: int) -> int:
        """The first from `slot` on that has room for one more."""
        part, parts = math.ceil(budget / SLOTS), math.ceil(budget * STRETCH / SLOTS)
        while True:
            free = budget - self._most_with(slot)
            in_slot = self._own.of_last(1, slot)
            even = in_slot < part and self._own.of_last(STRETCH, slot) < parts
            if free > 0 and (even or in_slot < (free + in_slot) // BURST):
                return slot
            slot += 1

    def _most_with(self, slot: int) -> int:
        """How many the fullest span has that the slot is in: later ones may be booked already."""
        ends = range(slot, max(slot, min(self._booked, slot + self._span) - 1) + 1)
        return max(self._all.of_last(self._span, end) for end in ends)


class _Sums:
    """Sums over slots in a row."""

    def __init__(self, counts: Iterable[int]) -> None:
        self._until = [0, *accumulate(counts)]

    def of_last(self, slots: int, end: int) -> int:
        """Of so many, the last of which is `end`; there is nothing before and behind them all."""
        last = len(self._until) - 1
        return self._until[min(end + 1, last)] - self._until[min(max(end + 1 - slots, 0), last)]
