"""The host's admin endpoints, all behind the master key."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiohttp import web

from local.host.functions import Function
from local.host.http.keys import Keys
from local.host.timers.listener import TimerListener


class Admin:
    """What the host says of itself, and a way to fire a timer now."""

    def __init__(
        self, functions: Sequence[Function], timers: Mapping[str, TimerListener], keys: Keys
    ) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._timers = timers
        self._keys = keys
        self._started = time.monotonic()
        self._firing: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The paths and methods of the .NET host's own controllers."""
        return [
            web.get("/admin/host/ping", self._ping),
            web.get("/admin/host/status", self._status),
            web.get("/admin/functions", self._list),
            web.post("/admin/functions/{name}", self._fire),
        ]

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def _status(self, request: web.Request) -> web.Response:
        self._require_master(request)
        uptime = int((time.monotonic() - self._started) * 1000)
        return web.json_response({"state": "Running", "processUptime": uptime})

    async def _list(self, request: web.Request) -> web.Response:
        self._require_master(request)
        return web.json_response(
            [
                {
                    "name": function.name,
                    "language": "python",
                    "isDisabled": function.disabled,
                    "config": {"bindings": [dict(b.properties) for b in function.bindings]},
                }
                for function in self._functions.values()
            ]
        )

    async def _fire(self, request: web.Request) -> web.Response:
        """202 as soon as the invocation has begun; 400 for a function that is not a timer."""
        self._require_master(request)
        name = request.match_info["name"].lower()
        if name not in self._functions:
            return web.Response(status=404)
        timer = self._timers.get(name)
        if timer is None:
            return web.Response(status=400, text="only timer functions can be fired here")
        task = asyncio.create_task(timer.fire())
        self._firing.add(task)
        task.add_done_callback(self._firing.discard)
        return web.Response(status=202)

    def _require_master(self, request: web.Request) -> None:
        if not self._keys.allows(request, "admin"):
            raise web.HTTPUnauthorized(text="")
