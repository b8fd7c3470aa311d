"""Sluice with every import at the top: what a cold start would be if nothing were loaded late."""

import importlib
import pkgutil
import runpy
from pathlib import Path

import shared

ROOT = Path(__file__).parents[3]
NEVER = "shared.telemetry.azure_monitor"
"""Loaded where telemetry goes anywhere, which it does not here."""

for module in pkgutil.walk_packages(shared.__path__, "shared."):
    if module.name != NEVER:
        importlib.import_module(module.name)

app = runpy.run_path(str(ROOT / "function_app.py"))["app"]
