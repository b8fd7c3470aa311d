"""Every call of a rotation x every mishap, alone and in pairs, enumerated.

The second of a pair also meets the calls by which the first is made good. Pairs are of what the
outside does: a crash before or after the effect, and a doubled delivery.
"""

from simulation.boundary import Mishap
from simulation.rotations import SCENARIOS, play_and_check
from totals import Totals, over_processes

OUTSIDE = (Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.LOCK_LOST)
IN_PAIRS = ("one device", "the device does not know how", "the directory rejects a password")


def prove_crashes() -> bool:
    """Print the totals; whether they are clean."""
    singles = over_processes(_singles, SCENARIOS)
    parts = [(name, call) for name in IN_PAIRS for call in range(len(_calls(name)))]
    pairs = over_processes(_pairs, parts)
    total = singles + pairs
    print(
        f"crash matrix: {total.tried:,} schedules ({singles.tried:,} single, "
        f"{pairs.tried:,} pairs): {total.line()}"
    )
    for kind, example in total.first.items():
        print(f"  {kind}: {example}")
    return not total.wrong


def _calls(name: str, mishaps: dict[int, Mishap] | None = None) -> list[str]:
    world, _ = SCENARIOS[name].play(mishaps or {})
    return world.boundary.names


def _singles(name: str) -> Totals:
    totals = Totals()
    for call in range(len(_calls(name))):
        for mishap in Mishap:
            told = f"{name}, {mishap} at call {call}"
            totals.play(told, lambda m={call: mishap}: play_and_check(name, m))  # type: ignore[misc]
    return totals


def _pairs(part: tuple[str, int]) -> Totals:
    (name, call), totals = part, Totals()
    for first in OUTSIDE:
        for other in range(call + 1, len(_calls(name, {call: first}))):
            for second in OUTSIDE:
                mishaps = {call: first, other: second}
                told = f"{name}, {first} at call {call}, {second} at call {other}"
                totals.play(told, lambda m=mishaps: play_and_check(name, m))  # type: ignore[misc]
    return totals
