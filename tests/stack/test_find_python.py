"""scripts/find-python.sh on machines that have Python 3.13 here, there, or not at all."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "find-python.sh"
THIS_VERSION, OTHER_VERSION, SHIM = "exit 0", "exit 1", "echo 'command not found' >&2; exit 127"


def install(folder: Path, name: str, answer: str) -> Path:
    """Write a Python that says whether it is the one that is asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / name
    python.write_text(f"#!/bin/sh\n{answer}\n")
    python.chmod(0o755)
    return python


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with nothing but the tools that the script uses."""
    folder = tmp_path / "a machine"
    install(folder / "bin", "ls", 'exec /bin/ls "$@"')
    return folder


def find(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "bin"), "HOME": str(machine)}
    return subprocess.run(
        ["/bin/sh", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )


def test_python3_13_is_taken_first(machine: Path) -> None:
    expected = install(machine / "bin", "python3.13", THIS_VERSION)
    install(machine / "bin", "python3", THIS_VERSION)
    assert find(machine).stdout.strip() == str(expected)


def test_a_shim_that_does_not_run_gives_way_to_the_version_behind_it(machine: Path) -> None:
    install(machine / "bin", "python3.13", SHIM)
    behind = machine / ".pyenv" / "versions" / "3.13.9" / "bin"
    expected = install(behind, "python3.13", THIS_VERSION)
    assert find(machine).stdout.strip() == str(expected)


def test_python3_is_taken_when_it_is_the_version(machine: Path) -> None:
    expected = install(machine / "bin", "python3", THIS_VERSION)
    assert find(machine).stdout.strip() == str(expected)


def test_without_the_version_it_says_what_to_install(machine: Path) -> None:
    install(machine / "bin", "python3", OTHER_VERSION)
    answer = find(machine)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "apt-get install python3.13-venv" in answer.stderr
