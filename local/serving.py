"""How every process of the local stack starts, says that it is ready, and stops."""

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

SUPERVISED = "SLUICE_LOCAL_SUPERVISED"
"""Set by the supervisor: end of file on standard input then means that it is gone."""


def serve(component: AbstractAsyncContextManager[Mapping[str, object]]) -> None:
    """Run `component` until SIGTERM, SIGINT or, when supervised, until the supervisor is gone.

    The component yields the fields of its ready line, which is printed as one line of JSON on
    standard output as soon as the component answers. Everything else belongs on standard error.
    A port that another process has ends this one with code 1.
    """
    try:
        asyncio.run(_serve(component))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(str(error))


async def _serve(component: AbstractAsyncContextManager[Mapping[str, object]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with component as ready:
        print(json.dumps({"ready": True, **ready}), flush=True)
        # Held until the end: the loop keeps tasks and stream readers by weak references only.
        watch = await _watch_parent(stop) if os.environ.get(SUPERVISED) else None
        await stop.wait()
        if watch:
            watch.cancel()


async def _watch_parent(stop: asyncio.Event) -> asyncio.Task[bytes]:
    """A supervisor that was killed cannot send a signal, but its end of the pipe closes."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    task = loop.create_task(reader.read())
    task.add_done_callback(lambda _: stop.set())
    return task
