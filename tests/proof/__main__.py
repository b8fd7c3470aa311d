"""The longer proofs, of rotations and of the way in: `make proof`.

One line of totals each; 1 when any is not clean.

python tests/proof               all of them
python tests/proof --seed 4711   the one history of that seed, with its error
"""

import argparse
import logging
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "app")]


def main() -> int:
    """Run what was asked for."""
    from canary import prove_no_leak
    from crash_matrix import prove_crashes
    from histories import prove_histories
    from mutants import MUTANTS
    from mutation import prove_mutants
    from simulation.room_histories import History
    from threats import threats

    arguments = argparse.ArgumentParser(prog="python tests/proof", description=__doc__)
    arguments.add_argument("--seed", type=int, help="play this history only")
    arguments.add_argument("--histories", type=int, default=10_000)
    arguments.add_argument("--only", choices=("crashes", "histories", "leaks", "faults", "threats"))
    given = arguments.parse_args()
    if given.seed is not None:
        History.of(given.seed).play()
        return 0
    logging.disable()  # thousands of faults are meant to happen
    proofs = {
        "crashes": prove_crashes,
        "histories": lambda: prove_histories(given.histories),
        "leaks": lambda: prove_no_leak(ROOT),
        "faults": lambda: prove_mutants(ROOT, "faults", MUTANTS),
        "threats": lambda: prove_mutants(ROOT, "threats", threats(ROOT)),
    }
    clean = [prove() for name, prove in proofs.items() if given.only in (None, name)]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
