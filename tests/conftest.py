"""What holds for all tests: how many random examples they take, and which modules begin first."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("test", max_examples=60, deadline=None)
settings.register_profile("soak", max_examples=1000, deadline=None)
settings.load_profile("test")

LONGEST = (
    "test_killed_processes",
    "test_dead_letters",
    "test_histories",
    "test_rotation_crashes",
    "test_bad_input_on_the_queue",
    "test_up",
    "test_round_trips",
    "test_health",
    "test_retries",
    "test_openapi",
    "test_dry_run",
    "test_permissions",
)
"""Modules that take more than ten seconds: beginning last, one would run on alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest modules begin first; all others keep their order."""
    turns = {name: turn for turn, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turns.get(Path(item.path).stem, len(LONGEST)))
