"""`python -m local up`: the whole system on this machine."""

import argparse
import sys

from local.up import command


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start every part, and stop all of it with Ctrl-C")
    command.add_arguments(up)
    return command.run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
