"""The cost of importing the app, beside importing azure.functions alone."""

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

from local.up.process import ROOT

_PROBE = """
import sys, time
before, began = len(sys.modules), time.perf_counter()
import {module}
print(time.perf_counter() - began, len(sys.modules) - before)
"""


@dataclass(frozen=True)
class Import:
    """Median seconds, and modules loaded, of one import in a fresh process."""

    seconds: float
    modules: int


def report() -> None:
    """Print the cost of importing the app, and azure.functions alone."""
    alone, app = measure("azure.functions", "function_app")
    print("import                      ratio   seconds   modules")
    print(f"  azure.functions           1.00    {alone.seconds:.3f}     {alone.modules}")
    ratio = app.seconds / alone.seconds
    print(f"  function_app              {ratio:.2f}    {app.seconds:.3f}     {app.modules}")


def measure(*modules: str, runs: int = 9) -> list[Import]:
    """Import each in so many fresh processes.

    In turns, so that a machine whose speed changes is fair to all of them; the first turn leaves
    byte code for the others.
    """
    _, *turns = [[_once(module) for module in modules] for _ in range(runs + 1)]
    return [
        Import(statistics.median(seconds for seconds, _ in results), results[0][1])
        for results in zip(*turns, strict=True)
    ]


def _once(module: str) -> tuple[float, int]:
    process = subprocess.run(  # noqa: S603  our own interpreter on our own code
        [sys.executable, "-c", _PROBE.format(module=module)],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, modules = process.stdout.split()
    return float(seconds), int(modules)
