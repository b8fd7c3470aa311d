"""Runs an app: its HTTP server, its timers and its Service Bus listeners, on the host's loop.

All libraries of the host are loaded before the app is: the app may load its own in a thread, and
two threads see each other's unfinished modules where a library imports in circles.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from local.host.app import App
from local.host.functions import HTTP_TRIGGER, SERVICE_BUS_TRIGGER, TIMER_TRIGGER
from local.host.http.admin import Admin
from local.host.http.keys import Keys
from local.host.http.routes import Router
from local.host.http.server import HttpServer
from local.host.servicebus.connection import Connection
from local.host.servicebus.dispatch import Dispatcher
from local.host.servicebus.queue_listener import QueueListener
from local.host.servicebus.session_listener import SessionListener
from local.host.timers.listener import TimerListener
from local.host.timers.ncrontab import Schedule
from local.host.timers.singleton import run_singly

_log = logging.getLogger(__name__)
_GRACE = 10.0
"""Seconds that running invocations get to finish when the host stops."""
_ABANDON = 1.0
"""Seconds to abandon messages in hand before the process ends after functionTimeout."""


@contextlib.asynccontextmanager
async def running_host(
    app: App, port: int, keys: Keys, timers_lock: Path | None = None
) -> AsyncIterator[Mapping[str, object]]:
    """Run until the context ends; yields the fields of the ready line.

    Of several hosts with one `timers_lock`, one fires the timers.
    """
    stopping = asyncio.Event()
    timers = _timers(app)
    router = Router(app.triggered_by(HTTP_TRIGGER), app.config.route_prefix)
    server = HttpServer(router, keys, app.worker, Admin(app.functions, timers, keys))
    watch = asyncio.create_task(_exit_when_killed(app, stopping))
    async with contextlib.AsyncExitStack() as stack:
        address = await stack.enter_async_context(server.listen(port, _GRACE))
        listeners = [asyncio.create_task(run_singly(timers.values(), timers_lock, stopping))]
        listeners += await _service_bus_listeners(app, stopping, stack)
        yield {
            "http": address,
            "functions": [function.name for function in app.functions],
            "functionKey": keys.function,
            "masterKey": keys.master,
        }
        stopping.set()
        await _finish(listeners)
    watch.cancel()
    if not app.worker.stop():
        _log.warning("stopped with an invocation still running after %.0f s", _GRACE)
        # Leaving the interpreter would wait for its thread.
        os._exit(0)


def _timers(app: App) -> dict[str, TimerListener]:
    return {
        function.name.lower(): TimerListener(
            function,
            Schedule(app.settings.resolve(function.trigger.text("schedule"))),
            app.worker,
        )
        for function in app.triggered_by(TIMER_TRIGGER)
        if not function.disabled
    }


async def _service_bus_listeners(
    app: App, stopping: asyncio.Event, stack: contextlib.AsyncExitStack
) -> list[asyncio.Task[None]]:
    functions = [f for f in app.triggered_by(SERVICE_BUS_TRIGGER) if not f.disabled]
    listeners: list[asyncio.Task[None]] = []
    for function in functions:
        trigger = function.trigger
        connection = Connection.from_settings(trigger.text("connection"), app.settings)
        client = await stack.enter_async_context(connection.client())
        queue = app.settings.resolve(trigger.text("queueName"))
        dispatcher = Dispatcher(function, app.config.service_bus, app.worker)
        sessions = trigger.flag("isSessionsEnabled")
        listener = (SessionListener if sessions else QueueListener)(client, queue, dispatcher)
        listeners.append(asyncio.create_task(listener.run(stopping)))
    return listeners


async def _finish(listeners: list[asyncio.Task[None]]) -> None:
    if not listeners:
        return
    _, running = await asyncio.wait(listeners, timeout=_GRACE)
    for listener in running:
        listener.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _exit_when_killed(app: App, stopping: asyncio.Event) -> None:
    _log.critical("%s: the worker process ends", await app.worker.killed())
    # What is abandoned now must not come straight back, or it would use up its deliveries here.
    stopping.set()
    await asyncio.sleep(_ABANDON)
    # No clean exit is possible: the invocation's thread or task cannot be ended from outside.
    os._exit(1)
