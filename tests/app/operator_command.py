"""The operator's command, as a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class OperatorCommand:
    """`python -m cli` with the settings of a file, for example those of the stack."""

    def __init__(self, settings: Path) -> None:
        self._command = [sys.executable, "-m", "cli", "--settings", str(settings)]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it; its output is text."""
        return subprocess.Popen(
            [*self._command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        """Run it to its end: its exit code and the lines that it printed."""
        with self.start(*arguments) as process:
            out, _ = process.communicate()
        return process.returncode, out.splitlines()

    def fault(self, *arguments: str) -> tuple[int, str]:
        """Run it to its end: its exit code and what it said on standard error."""
        ended = subprocess.run(
            [*self._command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stderr

    def dead_letters(self) -> list[dict[str, Any]]:
        """What `dead-letters list --json` says."""
        code, lines = self.run("dead-letters", "list", "--json")
        assert code == 0
        return [json.loads(line) for line in lines]
