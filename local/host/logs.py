"""What the host and the app log and print, on standard error.

Every line of an app names the function and the invocation it belongs to. Standard output carries
the ready line and nothing else, so what user code prints goes to standard error as well.
"""

import io
import logging
import os
import sys
import threading
from contextvars import ContextVar
from typing import TextIO, override

from azure_functions_runtime import invocation_id_cv

INVOCATION: ContextVar[tuple[str, str] | None] = ContextVar("invocation", default=None)
"""Function name and invocation id that the current task works for."""

_RUNTIME = ("azure.functions", "azure_functions_runtime")
_SDK = ("azure", "aiohttp", "asyncio")
_RUNNING: dict[str, str] = {}
"""Function names by invocation id: a sync handler's thread knows only the id."""


def set_up_logging() -> None:
    """Send everything to standard error from level INFO (all of it with the runtime's debug flag).

    The level and the flag are the Python worker's: PYTHON_ENABLE_DEBUG_LOGGING.
    """
    debug = os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING", "").lower() in {"1", "true"}
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    if not debug:
        handler.addFilter(_is_wanted)
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler])
    sys.stdout = _MainThreadOutput(sys.stdout, sys.stderr)


def started(invocation_id: str, function: str) -> None:
    """From here on, a thread that works for `invocation_id` logs under `function`."""
    _RUNNING[invocation_id] = function


def finished(invocation_id: str) -> None:
    """Forget an invocation."""
    _RUNNING.pop(invocation_id, None)


def _current() -> tuple[str, str] | None:
    invocation = INVOCATION.get()
    if invocation is None:
        invocation_id = invocation_id_cv.get()
        if invocation_id in _RUNNING:
            invocation = (_RUNNING[invocation_id], invocation_id)
    return invocation


def _is_wanted(record: logging.LogRecord) -> bool:
    """Drop the runtime's own chatter, and the SDK's where it speaks of the host's receivers."""
    if record.name.startswith(_RUNTIME):
        return False
    if record.name.startswith(_SDK) and _current() is None:
        return record.levelno >= logging.CRITICAL
    return True


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)s %(origin)s %(message)s")
        self.default_msec_format = ""
        self.datefmt = "%H:%M:%S"

    @override
    def format(self, record: logging.LogRecord) -> str:
        invocation = _current()
        record.origin = f"[{invocation[0]} {invocation[1]}]" if invocation else f"[{record.name}]"
        return super().format(record)


class _MainThreadOutput(io.TextIOBase):
    """Standard output for the main thread (the host), standard error for the app's threads.

    An app's thread writes whole lines, so that handlers that print at the same time keep apart.
    """

    def __init__(self, main: TextIO, others: TextIO) -> None:
        self._main = main
        self._others = others
        self._pending = threading.local()

    @override
    def write(self, text: str) -> int:
        if threading.current_thread() is threading.main_thread():
            return self._main.write(text)
        lines, end, rest = (getattr(self._pending, "text", "") + text).rpartition("\n")
        self._pending.text = rest
        self._others.write(lines + end)
        return len(text)

    @override
    def flush(self) -> None:
        self._main.flush()
        self._others.flush()
