"""The endpoint itself: https://learn.microsoft.com/azure/app-service/overview-managed-identity."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from pydantic import TypeAdapter

from local.standins.control import PREFIX, explained
from local.standins.listening import listening

from .issuer import Issuer

_API_VERSION = "2019-08-01"
_ROLES = TypeAdapter(dict[str, list[str]])


class _Endpoint:
    def __init__(self, issuer: Issuer, header: str | None) -> None:
        self._issuer = issuer
        # App Service rotates this value; knowing it proves that the caller runs inside the app.
        self.header = header or secrets.token_hex(16).upper()

    async def token(self, request: web.Request) -> web.Response:
        if not secrets.compare_digest(request.headers.get("X-IDENTITY-HEADER", ""), self.header):
            return _error(401, "The X-IDENTITY-HEADER header is missing or wrong.")
        if request.query.get("api-version") != _API_VERSION:
            return _error(400, f"The api-version must be {_API_VERSION}.")
        resource = request.query.get("resource", "")
        if not resource:
            return _error(400, "The resource is missing.")
        return web.json_response(self._issuer.issue(resource, request.query.get("client_id")))

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response(self._issuer.key_set())

    async def put_roles(self, request: web.Request) -> web.Response:
        self._issuer.roles |= _ROLES.validate_json(await request.read())
        return web.json_response(self._issuer.roles)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)


@asynccontextmanager
async def identity(
    *, port: int, issuer: Issuer, header: str | None = None
) -> AsyncIterator[Mapping[str, object]]:
    """Serve tokens; yields the ready line: token address, identity header, key set."""
    endpoint = _Endpoint(issuer, header)
    app = web.Application(middlewares=[explained])
    app.add_routes(
        [
            web.get("/msi/token", endpoint.token),
            web.get("/keys", endpoint.keys),
            web.put(f"{PREFIX}/roles", endpoint.put_roles),
        ]
    )
    async with listening(app, port) as base:
        yield {
            "identity": f"{base}/msi/token",
            "identityHeader": endpoint.header,
            "jwks": f"{base}/keys",
        }
