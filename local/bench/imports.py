"""The cost of importing the app, beside importing azure.functions alone."""

import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from local.bench.table import Part, Row
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


async def report() -> AsyncIterator[Part]:
    """The cost of importing the app, and azure.functions alone."""
    modules = ("azure.functions", "function_app")
    alone, app = measure(*modules)
    rows = [
        Row(each.seconds / alone.seconds, name, (f"{each.seconds:.3f}", str(each.modules)))
        for name, each in zip(modules, (alone, app), strict=True)
    ]
    yield Part("import", ("seconds", "modules"), rows)


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
