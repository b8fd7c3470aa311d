"""The operator's command, as a process of its own."""

import json
import multiprocessing
import os
import pkgutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shared

# Each command is forked from a process that has loaded what a command loads, and nothing else:
# loading takes ten times as long as the work. `python -m cli` itself runs in
# test_bad_input_on_the_queue.py and test_route_table.py.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["cli.__main__", *(each.name for each in pkgutil.walk_packages(shared.__path__, "shared."))]
)


def _command(folder: str, arguments: list[str]) -> None:
    """Be `python -m cli`, with the standard outputs in files."""
    from cli.__main__ import main

    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(Path(folder, stream.name), os.O_CREAT | os.O_WRONLY), stream.fileno())
    sys.exit(main(arguments))


class Running:
    """A command that was started."""

    def __init__(self, arguments: list[str]) -> None:
        self._folder = TemporaryDirectory()
        self._process = _FORKS.Process(target=_command, args=(self._folder.name, arguments))
        self._process.start()

    def end(self) -> tuple[int | None, str, str]:
        """Wait for its end: its exit code, its standard output and its standard error."""
        self._process.join()
        with self._folder as folder:
            out, error = (Path(folder, f"<{name}>").read_text() for name in ("stdout", "stderr"))
        return self._process.exitcode, out, error


class OperatorCommand:
    """`python -m cli` with the settings of a file, for example those of the stack."""

    def __init__(self, settings: Path) -> None:
        self._settings = ["--settings", str(settings)]

    def start(self, *arguments: str) -> Running:
        """Start it."""
        return Running([*self._settings, *arguments])

    def run(self, *arguments: str) -> tuple[int | None, list[str]]:
        """Run it to its end: its exit code and the lines that it printed."""
        code, out, _ = self.start(*arguments).end()
        return code, out.splitlines()

    def fault(self, *arguments: str) -> tuple[int | None, str]:
        """Run it to its end: its exit code and what it said on standard error."""
        code, _, error = self.start(*arguments).end()
        return code, error

    def dead_letters(self) -> list[dict[str, Any]]:
        """What `dead-letters list --json` says."""
        code, lines = self.run("dead-letters", "list", "--json")
        assert code == 0
        return [json.loads(line) for line in lines]
