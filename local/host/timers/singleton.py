"""Timers fire on one host of an app, as in Azure, where its hosts contend for a lease."""

import asyncio
import contextlib
import fcntl
from collections.abc import Iterable
from pathlib import Path

from local.host.timers.listener import TimerListener

_PAUSE = 0.5
"""Seconds until a host looks again whether the one with the lock has ended."""


async def run_singly(
    timers: Iterable[TimerListener], lock: Path | None, stopping: asyncio.Event
) -> None:
    """Run all of them until `stopping` is set, once this host has the lock, if there is one.

    The lock ends with the process that has it, at once, where Azure's lease takes up to a minute.
    """
    with contextlib.ExitStack() as held:
        if lock:
            file = held.enter_context(lock.open("ab")).fileno()
            while not _locked(file):
                if await _set_soon(stopping):
                    return
        await asyncio.gather(*(timer.run(stopping) for timer in timers))


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _set_soon(stopping: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PAUSE):
            await stopping.wait()
    return stopping.is_set()
