"""What became of the targets of a bulk change, counted."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

from shared.bulk.record import Progress
from shared.changes.states import State

_WORST_FIRST = (
    State.FAILED,
    State.EXPIRED,
    State.CANCELLED,
    State.VERIFIED,
    State.REVERSED,
    State.UNCHANGED,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """The targets by what became of them. `ended` counts those that have, by state."""

    targets: int
    begun: int
    ended: Counter[State]

    @classmethod
    def of(cls, targets: int, progress: Progress) -> Self:
        """Of what was counted."""
        ended = Counter[State]()
        for block in progress.counted.values():
            ended.update({State(state): number for state, number in block.items()})
        return cls(targets, progress.begun, ended)

    @property
    def open(self) -> int:
        """Begun and not ended."""
        return self.begun - self.ended.total()

    @property
    def not_begun(self) -> int:
        """Still to come."""
        return self.targets - self.begun

    @property
    def failure_share(self) -> float:
        """The share of the begun ones that have failed."""
        return self.ended[State.FAILED] / self.begun if self.begun else 0.0

    @property
    def worst(self) -> State:
        """The end that is furthest from what was asked for."""
        return next(state for state in _WORST_FIRST if self.ended[state])

    @property
    def told(self) -> str:
        """The ends in words."""
        ends = [f"{self.ended[state]} {state}" for state in _WORST_FIRST if self.ended[state]]
        return f"Of {self.targets} targets: {', '.join([*ends, *self._others])}."

    @property
    def _others(self) -> list[str]:
        others = {"under way": self.open, "not begun": self.not_begun}
        return [f"{number} {what}" for what, number in others.items() if number]
