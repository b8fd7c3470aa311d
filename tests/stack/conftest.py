from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the fake components' files (see fakes/component.py)."""
    monkeypatch.setenv("FAKE_HOME", str(tmp_path))
    (tmp_path / "journal").touch()
    return tmp_path
