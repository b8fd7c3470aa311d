"""Two stacks on one folder would serve one queue twice."""

import os
from pathlib import Path

import pytest

from local.up import data
from local.up.data import FolderInUse, claimed


def test_a_folder_serves_one_stack_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "WAIT_SECONDS", 0)
    with claimed(tmp_path), pytest.raises(FolderInUse, match=str(tmp_path)), claimed(tmp_path):
        pytest.fail("two stacks on one folder")
    with claimed(tmp_path):
        pass


def test_a_folder_is_in_use_until_the_last_process_of_its_stack_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "WAIT_SECONDS", 0)
    with claimed(tmp_path) as lock:
        held_by_a_component = os.dup(lock)
    with pytest.raises(FolderInUse), claimed(tmp_path):
        pytest.fail("the old broker still writes")
    os.close(held_by_a_component)
    with claimed(tmp_path):
        pass
