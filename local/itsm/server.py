"""The ticketing tools as one component: on one port, since their paths tell them apart."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from local.standins.control import add_control, explained
from local.standins.exchange import Exchange
from local.standins.faults import Fault, FaultPlan
from local.standins.journal import Journal
from local.standins.listening import listening

from .control import ToolControl
from .desk import Clock, NoSuchTicketError, Refusal, Tool
from .freshservice import Freshservice
from .hooks import Hooks
from .jira import Jira
from .limits import Calls
from .outbox import Outbox
from .servicenow import ServiceNow

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def itsm(
    *, port: int, password: str, clock: Clock = time.time
) -> AsyncIterator[Mapping[str, object]]:
    """Serve the tools; yields the ready line: their address and what they know callers by."""
    outbox, calls, hooks = Outbox(), Calls(clock), Hooks()
    parts = [kind(password, clock, outbox.tell) for kind in (ServiceNow, Jira, Freshservice)]
    outbox.signs = {part.name: part.sign for part in parts}
    tools: dict[str, Tool] = {part.name: part for part in parts}
    faults, journal = FaultPlan(Fault), Journal(secret=())
    app = web.Application(middlewares=[explained])
    add_control(app, faults, journal)
    ToolControl(tools, outbox, calls, hooks).add_to(app)
    for tool in tools.values():
        for route in tool.routes():
            door = _door(tool, calls, route.handler)
            app.router.add_route(route.method, route.path, _exchange(journal, faults, door))
    app.router.add_post("/hooks/outcomes", _exchange(journal, faults, hooks.receive))
    async with listening(app, port) as base:
        yield {"itsm": base, "itsmPassword": password}


def _door(tool: Tool, calls: Calls, handler: Handler) -> Handler:
    """What each request passes: the credential, the limit, and how the tool says no."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if wait := calls.wait(tool.name):
            headers = {"Retry-After": str(wait)}
            headers |= tool.throttled(calls.limits[tool.name].calls, wait)
            return web.json_response(tool.refusal(429), status=429, headers=headers)
        known = tool.authorized(request.headers.get("Authorization", ""))
        if not known and request.path != "/oauth_token.do":
            return web.json_response(tool.refusal(401), status=401)
        try:
            return await handler(request)
        except NoSuchTicketError:
            return web.json_response(tool.refusal(404), status=404)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)

    return serve


def _exchange(journal: Journal, faults: FaultPlan[Fault], serve: Handler) -> Handler:
    async def served(request: web.Request, _: Fault | None) -> web.Response:
        answer = await serve(request)
        assert isinstance(answer, web.Response)  # noqa: S101  no tool streams
        return answer

    return Exchange(journal, faults, served, _injected).handle


def _injected(_: web.Request, __: Fault, status: int) -> web.Response:
    return web.json_response({"message": "injected"}, status=status)
