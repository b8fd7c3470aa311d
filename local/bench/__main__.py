"""`python -m local.bench [TOPIC …]`: measure all topics, or these, and print a table for each."""

import argparse

from local.bench import beside_bulk, cost, drain, imports, latency, memory, scale, startup, webhooks

TOPICS = {
    "beside-bulk": beside_bulk.report,
    "cost": cost.report,
    "drain": drain.report,
    "imports": imports.report,
    "latency": latency.report,
    "memory": memory.report,
    "scale": scale.report,
    "startup": startup.report,
    "webhooks": webhooks.report,
}
"""What is measured, in this order; each prints its table, ratios first."""


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    chosen = parser.parse_args().topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no such topic: {', '.join(sorted(unknown))}")
    for topic in chosen:
        TOPICS[topic]()
        print()


if __name__ == "__main__":
    main()
