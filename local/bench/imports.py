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
    alone, app = measure("azure.functions"), measure("function_app")
    print("import                      ratio   seconds   modules")
    print(f"  azure.functions           1.00    {alone.seconds:.3f}     {alone.modules}")
    ratio = app.seconds / alone.seconds
    print(f"  function_app              {ratio:.2f}    {app.seconds:.3f}     {app.modules}")


def measure(module: str, runs: int = 9) -> Import:
    """Import `module` in so many fresh processes; the first leaves byte code for the others."""
    _, *results = [_once(module) for _ in range(runs + 1)]
    return Import(statistics.median(seconds for seconds, _ in results), results[0][1])


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
