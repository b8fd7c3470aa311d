"""The faults that `make proof` puts into rotations still fit the code."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_seeded_fault_has_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "tests" / "proof"), *sys.path])
    from mutation import require_places

    require_places(ROOT)
