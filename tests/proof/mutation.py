"""Put each fault of a list into a copy of the project, and see whether a test notices."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from mutants import Mutant

_KEPT = ("*.pyc", "__pycache__", "node_modules", ".*")
_MOST_SECONDS = 600


def prove_mutants(root: Path, what: str, mutants: Sequence[Mutant]) -> bool:
    """Print each fault with what became of it, and the totals; whether all were noticed."""
    require_places(root, mutants)
    killed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for mutant, dead in zip(mutants, pool.map(partial(_killed, root), mutants), strict=True):
            print(f"  {'killed  ' if dead else 'SURVIVED'}  {mutant.name}", flush=True)
            killed.append(dead)
    print(f"{what}: {sum(killed)} of {len(killed)} killed")
    return all(killed)


def require_places(root: Path, mutants: Sequence[Mutant]) -> None:
    """Raise LookupError for a fault that no longer fits the code."""
    for mutant in mutants:
        if (root / mutant.file).read_text().count(mutant.old) != 1:
            raise LookupError(f"{mutant.name}: its place in {mutant.file} is gone")


def _killed(root: Path, mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sluice"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*_KEPT))
        if (installed := root / "local" / "azurite" / "node_modules").exists():
            (copy / "local" / "azurite" / "node_modules").symlink_to(installed)
        file = copy / mutant.file
        file.write_text(file.read_text().replace(mutant.old, mutant.new))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *mutant.tests],
            check=False,
            cwd=copy,
            capture_output=True,
            timeout=_MOST_SECONDS,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{mutant.name}: {done.stdout.decode()[-2000:]}")
    return done.returncode == 1
