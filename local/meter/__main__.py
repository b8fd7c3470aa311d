"""`python -m local.meter NAME=ADDRESS …`: count what goes to these services."""

import argparse

from local.meter.server import meter
from local.serving import serve


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.meter", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the journal; 0 takes a free one")
    parser.add_argument("services", nargs="+", metavar="NAME=ADDRESS")
    chosen = parser.parse_args()
    serve(meter(dict(each.split("=", 1) for each in chosen.services), port=chosen.port))


if __name__ == "__main__":
    main()
