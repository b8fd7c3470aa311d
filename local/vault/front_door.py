"""What every request passes before its operation: the challenge, the token, the API version."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local.standins.exchange import EFFECT, Exchange
from local.standins.faults import Fault, FaultPlan
from local.standins.journal import Journal
from local.standins.tokens import TokenChecker, TokenRefusedError

from .refusals import RefusalError, bad_parameter

AUDIENCE = "https://vault.azure.net"
_CHALLENGE = (
    'Bearer authorization="https://login.microsoftonline.com/4d2f9a2c-6f0b-4a39-9f7e-2b1c8d5e7a10"'
    f', resource="{AUDIENCE}"'
)

type Operation = Callable[[web.Request], Awaitable[dict[str, Any] | None]]


class FrontDoor:
    """Wraps operations so that each request is journalled, may suffer a fault, and is checked."""

    def __init__(self, journal: Journal, faults: FaultPlan[Fault], tokens: TokenChecker) -> None:
        self._journal = journal
        self._faults = faults
        self._tokens = tokens

    def before(self, operation: Operation) -> Callable[[web.Request], Awaitable[Any]]:
        """Return the operation as a handler behind this door."""

        async def serve(request: web.Request, _: Fault | None) -> web.Response:
            return await self._serve(request, operation)

        return Exchange(self._journal, self._faults, serve, _injected).handle

    async def _serve(self, request: web.Request, operation: Operation) -> web.Response:
        try:
            # The client asks without token and body first, to be told where tokens come from.
            await self._tokens.check(request.headers.get("Authorization", ""))
            if "api-version" not in request.query:
                raise bad_parameter("The api-version query parameter is missing.")
            answer = await operation(request)
        except TokenRefusedError as error:
            refusal = RefusalError(401, "Unauthorized", f"AKV10000: {error}")
            headers = {"WWW-Authenticate": _CHALLENGE}
            return web.json_response(refusal.body(), status=401, headers=headers)
        except RefusalError as refusal:
            return web.json_response(refusal.body(), status=refusal.status)
        request[EFFECT] = request.method != "GET"
        if answer is None:
            return web.Response(status=204)
        return web.json_response(answer)


def _injected(_: web.Request, __: Fault, status: int) -> web.Response:
    codes = {401: "Unauthorized", 403: "Forbidden", 429: "Throttled"}
    refusal = RefusalError(status, codes.get(status, "InternalError"), "An error has occurred.")
    return web.json_response(refusal.body(), status=status)
