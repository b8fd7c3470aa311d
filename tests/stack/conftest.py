from collections.abc import Iterator
from pathlib import Path

import pytest

from local.up import keeper


@pytest.fixture(scope="session", autouse=True)
def _no_graph_from_outside() -> Iterator[None]:
    """A developer's own GRAPH_ENDPOINT would replace the stand-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the fake components' files (see fakes/component.py)."""
    monkeypatch.setenv("FAKE_HOME", str(tmp_path))
    monkeypatch.setattr(keeper, "RESTART_PAUSE_SECONDS", 0.05)
    (tmp_path / "journal").touch()
    return tmp_path
