"""How many inputs were tried, and what came of them."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    inputs: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    faults: int = 0
    """Answers of 500, exceptions that are no refusal, and values that were repeated."""

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {count:,}" for name, count in self.inputs.items())
        total = sum(self.inputs.values())
        return f"fuzz: {total:,} inputs ({parts}): {self.faults} unintended exceptions or 500s"


TALLY = Tally()


class tried:  # noqa: N801  reads as a sentence where it is used
    """Counts an input, and a fault when what is tried with it raises."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        TALLY.inputs[self._name] += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # BaseException ends the run or belongs to Hypothesis, which is not what is tried.
        if kind is not None and issubclass(kind, Exception):
            TALLY.faults += 1
