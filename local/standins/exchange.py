"""One exchange from arrival to answer: journal, fault, effect, delay, answer or silence."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from .faults import Fault, FaultPlan
from .journal import Journal

EFFECT = web.RequestKey("effect", bool)
"""Set by a service when a request changed something."""


class Exchange[F: Fault]:
    """The way every request of a stand-in goes, except those of the control API."""

    def __init__(
        self,
        journal: Journal,
        faults: FaultPlan[F],
        serve: Callable[[web.Request, F | None], Awaitable[web.Response]],
        refuse: Callable[[web.Request, F, int], web.Response],
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._serve = serve
        self._refuse = refuse

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or hang up as a fault says."""
        entry = self._journal.open(request, await request.read(), time.time())
        fault = self._faults.take(request.method, request.rel_url.raw_path)
        if fault is not None:
            entry.fault = fault.model_dump(by_alias=True, exclude_unset=True)
        response = await self._answer(request, fault)
        entry.effect = request.get(EFFECT, False)
        if fault is not None and fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        entry.finished_at = time.time()
        if fault is not None and fault.drop:
            if request.transport is not None:
                request.transport.abort()
        else:
            entry.status = response.status
        return response

    async def _answer(self, request: web.Request, fault: F | None) -> web.Response:
        if fault is None:
            return await self._serve(request, None)
        if fault.drop == "before":
            return web.Response()
        if fault.status is None:
            return await self._serve(request, fault)
        if fault.after_effect:
            await self._serve(request, fault)
        return self._injected(request, fault, fault.status)

    def _injected(self, request: web.Request, fault: F, status: int) -> web.Response:
        if fault.body is None:
            response = self._refuse(request, fault, status)
        elif isinstance(fault.body, str):
            response = web.Response(text=fault.body, status=status)
        else:
            response = web.json_response(fault.body, status=status)
        response.headers.update(fault.headers)
        return response
