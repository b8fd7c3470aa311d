"""Running the smoke test as whoever deploys does."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "smoke_test.py"


def smoke(url: str, **environment: str) -> tuple[int, str]:
    """Exit code, and everything that was said. Python has nothing but its own library."""
    done = subprocess.run(
        [sys.executable, "-S", SCRIPT, url],
        env={"PATH": os.environ["PATH"], "SLUICE_PATIENCE": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
