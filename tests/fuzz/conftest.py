"""What `make fuzz` runs, and its last line."""

import sys

import pytest
from tally import TALLY


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say how much was tried, as the last line of the run."""
    if TALLY.inputs:
        sys.stdout.write(f"\n{TALLY}\n")
