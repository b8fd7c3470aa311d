"""`python -m local.bench [TOPIC …]`: measure all topics, or these, and print one table."""

import argparse
import os
import platform
import sys
from datetime import datetime
from multiprocessing import get_context

from local.bench.topics import TOPICS, measure


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    chosen = parser.parse_args().topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no such topic: {', '.join(sorted(unknown))}")
    print(_machine(), flush=True)
    for topic in chosen:
        # A process for each: what one has loaded, opened and set is no other's.
        process = get_context("spawn").Process(target=measure, args=(topic,))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)


def _machine() -> str:
    """What it is measured on, when, and how busy that was before."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load, *_ = os.getloadavg()
    return (
        f"{datetime.now().astimezone():%d %B %Y, %H:%M}: {os.cpu_count()} cores, {gib:.0f} GiB, "
        f"Python {platform.python_version()}, load {load:.1f} before"
    )


if __name__ == "__main__":
    main()
