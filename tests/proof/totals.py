"""What many schedules came to, added up over processes."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

KINDS = {
    "no password in the vault opens the account": "lost",
    "the current password was never verified": "unverified",
    "a second password without a rejection": "minted twice",
}


@dataclass
class Totals:
    """How many were tried, what was wrong, and the first of each kind."""

    tried: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def play(self, name: str, schedule: Callable[[], object]) -> None:
        """Play one; what it raises is counted by its kind."""
        self.tried += 1
        try:
            schedule()
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            text = str(error)
            kinds = [kind for words, kind in KINDS.items() if words in text]
            kind = kinds[0] if kinds else "double effect" if "overlaps" in text else "wrong end"
            self.wrong[kind] += 1
            self.first.setdefault(kind, f"{name}: {text.splitlines()[0] if text else error!r}")

    def __add__(self, other: "Totals") -> "Totals":
        first = other.first | self.first
        return Totals(self.tried + other.tried, self.wrong + other.wrong, first)

    def line(self) -> str:
        """One line for people."""
        kinds = ("lost", "unverified", "minted twice", "double effect", "wrong end")
        return ", ".join(f"{kind} {self.wrong[kind]}" for kind in kinds)


def over_processes[T](work: Callable[[T], Totals], parts: Iterable[T]) -> Totals:
    """The sum of the work on all parts, on every core."""
    with ProcessPoolExecutor() as pool:
        return sum(pool.map(work, parts), Totals())
