"""`python -m local.soak`: mixed load with faults; exits 1 for growth, loss or a wrong end."""

import argparse
import asyncio
import logging
import sys

from local.soak.run import soak


def main() -> int:
    """Run it for as long as was asked for."""
    parser = argparse.ArgumentParser(prog="python -m local.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="default: 15")
    parser.add_argument("--seed", type=int, default=0, help="of what the users do, and the faults")
    parser.add_argument(
        "--every", type=float, default=120.0, metavar="SECONDS", help="between ends of a process"
    )
    parser.add_argument("--users", type=int, default=3, help="of each kind; default: 3")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)  # the SDK's words on a broker that is away
    ok = asyncio.run(soak(chosen.minutes, seed=chosen.seed, every=chosen.every, users=chosen.users))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
