"""Some other system that takes Standard Webhooks: it keeps what came, by `webhook-id`."""

from typing import Any

from aiohttp import web

from local.standins.exchange import EFFECT


class Hooks:
    """Verifies nothing: what it kept shows what came, headers and all."""

    def __init__(self) -> None:
        self.received: dict[str, dict[str, Any]] = {}

    async def receive(self, request: web.Request) -> web.Response:
        """Keep an event; one that came before changes nothing."""
        name = request.headers["webhook-id"]
        headers = {n.lower(): v for n, v in request.headers.items()}
        came = {"headers": headers, "body": await request.text()}
        request[EFFECT] = name not in self.received
        self.received.setdefault(name, came)
        return web.Response(status=204)
