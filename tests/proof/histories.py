"""Random histories by their seeds."""

from simulation.room_histories import History
from totals import Totals, over_processes

_PART = 250


def prove_histories(count: int) -> bool:
    """Print the totals of the first `count` seeds; whether they are clean."""
    parts = [range(first, min(first + _PART, count)) for first in range(0, count, _PART)]
    total = over_processes(_play, parts)
    print(f"histories: {total.tried:,} seeds: {total.line()}")
    for kind, example in total.first.items():
        print(f"  {kind}: {example}")
    return not total.wrong


def _play(seeds: range) -> Totals:
    totals = Totals()
    for seed in seeds:
        totals.play(f"--seed {seed}", lambda seed=seed: History.of(seed).play())  # type: ignore[misc]
    return totals
