"""The faults that `make proof` puts into the code still fit it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_seeded_fault_has_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "tests" / "proof"), *sys.path])
    from mutants import MUTANTS
    from mutation import require_places
    from threats import REMOVED, rows, threats

    require_places(ROOT, [*MUTANTS, *threats(ROOT)])
    assert {each.row for each in REMOVED} == rows(ROOT).keys(), "each threat has a control"
