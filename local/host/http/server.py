"""The HTTP server in front of the app's HTTP functions."""

import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from local.host.http import conversion
from local.host.http.admin import Admin
from local.host.http.keys import Keys
from local.host.http.routes import Router
from local.host.tracing import continue_trace
from local.host.worker import Worker

_log = logging.getLogger(__name__)
_MAX_BODY = 104_857_600
"""Bytes; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT's default."""


class HttpServer:
    """Routes a request to its function: 404 without a route, 401 without a fit key."""

    def __init__(self, router: Router, keys: Keys, worker: Worker, admin: Admin) -> None:
        self._router = router
        self._keys = keys
        self._worker = worker
        self._admin = admin

    @contextlib.asynccontextmanager
    async def listen(self, port: int, grace: float) -> AsyncIterator[str]:
        """Serve on 127.0.0.1 and yield the base address.

        At the end, requests in hand get `grace` seconds to finish.
        """
        application = web.Application(client_max_size=_MAX_BODY)
        application.add_routes(self._admin.routes())
        application.router.add_route("*", "/{path:.*}", self._handle)
        # As Kestrel does, a body is handed on as it was sent, whatever its Content-Encoding.
        runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=grace, auto_decompress=False
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        found = self._router.find(request.method, request.rel_url.raw_path)
        if found is None:
            return web.Response(status=404)
        function, route_values = found
        # A disabled function is not publicly addressable.
        if function.disabled:
            return web.Response(status=404)
        if not self._keys.allows(request, function.trigger.text("authLevel", "function")):
            return web.Response(status=401)
        try:
            data = await conversion.to_rpc(request, route_values)
        except UnicodeEncodeError:
            # A header that is not UTF-8: Kestrel refuses it before any function sees it.
            return web.Response(status=400)
        result = await self._worker.invoke(
            function,
            data,
            trace_parent=continue_trace(request.headers.get("traceparent")),
        )
        try:
            return conversion.to_response(function, result)
        except ValueError:
            _log.exception("%s returned what is no HTTP response", function.name)
            return web.Response(status=500)
