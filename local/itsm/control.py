"""The control API of the tools: what people do in them, and what is in them."""

from collections.abc import Mapping

from aiohttp import web

from local.standins.control import PREFIX

from .desk import NoSuchTicketError, Tool
from .hooks import Hooks
from .limits import Calls, Limit
from .outbox import Outbox, Receiver


class ToolControl:
    """Tickets, receivers of events, limits; without authentication."""

    def __init__(
        self, tools: Mapping[str, Tool], outbox: Outbox, calls: Calls, hooks: Hooks
    ) -> None:
        self._tools, self._outbox, self._calls, self._hooks = tools, outbox, calls, hooks

    def add_to(self, app: web.Application) -> None:
        """Serve `/_control/{tickets,receivers,limits,events,hooks}`."""
        ticket = f"{PREFIX}/tickets/{{tool}}/{{id}}"
        app.add_routes(
            [
                web.put(ticket, self._add),
                web.patch(ticket, self._edit),
                web.get(ticket, self._show),
                web.put(f"{PREFIX}/receivers/{{tool}}", self._name_receiver),
                web.put(f"{PREFIX}/limits/{{tool}}", self._limit),
                web.get(f"{PREFIX}/events", self._events),
                web.get(f"{PREFIX}/hooks", self._received),
            ]
        )

    def _tool(self, request: web.Request) -> Tool:
        tool = self._tools.get(request.match_info["tool"])
        if tool is None:
            raise web.HTTPNotFound
        return tool

    async def _add(self, request: web.Request) -> web.Response:
        self._tool(request).add(request.match_info["id"], await request.json())
        return web.Response(status=204)

    async def _edit(self, request: web.Request) -> web.Response:
        try:
            self._tool(request).edit(request.match_info["id"], await request.json(), "somebody")
        except NoSuchTicketError:
            raise web.HTTPNotFound from None
        return web.Response(status=204)

    async def _show(self, request: web.Request) -> web.Response:
        ticket = self._tool(request).tickets.get(request.match_info["id"])
        if ticket is None:
            raise web.HTTPNotFound
        return web.json_response({"fields": ticket.fields, "notes": ticket.notes})

    async def _name_receiver(self, request: web.Request) -> web.Response:
        receiver = Receiver.model_validate_json(await request.read())
        self._outbox.receivers[self._tool(request).name] = receiver
        return web.Response(status=204)

    async def _limit(self, request: web.Request) -> web.Response:
        limit = Limit.model_validate_json(await request.read())
        self._calls.limits[self._tool(request).name] = limit
        return web.Response(status=204)

    async def _events(self, _: web.Request) -> web.Response:
        return web.json_response(self._outbox.events)

    async def _received(self, _: web.Request) -> web.Response:
        return web.json_response(self._hooks.received)
