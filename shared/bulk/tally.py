"""What became of the targets of a bulk change, counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from shared.changes.states import State
from shared.records.ports import TargetResult

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
    def of(cls, targets: int, begun: int, results: Iterable[TargetResult]) -> "Tally":
        """Count; a result that is no end is of a target that is under way again."""
        return cls(targets, begun, Counter(r.state for r in results if r.state.ended))

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
