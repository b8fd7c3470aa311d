"""What every request passes before its handler, in Graph's order, and how it is answered."""

import json
import uuid
from typing import Any

from aiohttp import web

from local.standins.exchange import EFFECT
from local.standins.faults import Fault
from local.standins.tokens import Caller, TokenChecker, TokenRefusedError

from .approvals import Approvals
from .call import Call
from .odata import parse_query
from .quotas import WriteQuotas
from .refusals import NO_PRIVILEGE, Ids, RefusalError, Service, error_body
from .routes import Route
from .routing import Router, service_of
from .tenant import Tenant

_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    ', client_id="00000003-0000-0000-c000-000000000000"'
)


class GraphFault(Fault):
    """A fault with what only Graph can suffer."""

    intune_nested: bool = False
    """With `status`: the error in Intune's form, its message JSON in a string."""
    stale_reads: int = 0
    """With a write: so many later reads of the object show it as it was before."""


class FrontDoor:
    """Path, token, permission, body and quota are checked here, once for all routes."""

    def __init__(
        self,
        tenant: Tenant,
        router: Router,
        tokens: TokenChecker,
        quotas: WriteQuotas,
        approvals: Approvals,
    ) -> None:
        self._tenant = tenant
        self._router = router
        self._tokens = tokens
        self._quotas = quotas
        self._approvals = approvals

    async def serve(self, request: web.Request, fault: GraphFault | None) -> web.Response:
        """Answer as Graph does."""
        self._tenant.actions.advance()
        service = service_of(request.rel_url.raw_path)
        try:
            route, version, values = self._router.find(request.method, request.rel_url.raw_path)
            caller = await self._caller(request, route)
            body = _read_body(request, await request.read()) if route.has_body else {}
            query = parse_query(request.query)
            if request.method != "GET":
                self._quotas.admit(service)
                self._approvals.admit(
                    request.method,
                    request.rel_url.raw_path,
                    request.headers,
                    await request.read(),
                )
            stale_reads = fault.stale_reads if fault else 0
            call = Call(
                self._tenant, caller, service, version, request.url, values, query, body,
                stale_reads,
            )  # fmt: skip
            answer = route.handler(call)
        except RefusalError as refusal:
            return _refused(request, refusal, service)
        request[EFFECT] = request.method != "GET"
        response = (
            web.Response(status=route.success)
            if answer is None
            else web.json_response(answer, status=route.success)
        )
        response.headers.update(self._quotas.fill(service))
        return _identified(request, response)

    async def _caller(self, request: web.Request, route: Route) -> Caller:
        try:
            caller = await self._tokens.check(request.headers.get("Authorization", ""))
        except TokenRefusedError as error:
            raise RefusalError(401, str(error), headers={"WWW-Authenticate": _CHALLENGE}) from None
        if caller.roles.isdisjoint(route.roles):
            raise RefusalError(403, NO_PRIVILEGE)
        return caller

    def refuse(self, request: web.Request, fault: GraphFault, status: int) -> web.Response:
        """Answer as a fault without a body says: in the error shape of the service."""
        service = Service.INTUNE if fault.intune_nested else Service.DIRECTORY
        refusal = RefusalError(status, "An error has occurred.")
        return _refused(request, refusal, service)


def _read_body(request: web.Request, raw: bytes) -> dict[str, Any]:
    if "Content-Type" not in request.headers:
        raise RefusalError(
            400,
            "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            "BadRequest",
        )
    if request.content_type != "application/json":
        raise RefusalError(415, "The content type is not application/json.", "BadRequest")
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusalError(400, "Unable to read JSON request payload.", "BadRequest")
    return body


def _refused(request: web.Request, refusal: RefusalError, service: Service) -> web.Response:
    body = error_body(refusal, service, _ids(request))
    response = web.json_response(body, status=refusal.status, headers=refusal.headers)
    return _identified(request, response)


def _identified(request: web.Request, response: web.Response) -> web.Response:
    ids = _ids(request)
    response.headers["request-id"] = ids.request
    response.headers["client-request-id"] = ids.client
    return response


_IDS = web.RequestKey("ids", Ids)


def _ids(request: web.Request) -> Ids:
    if _IDS not in request:
        own = str(uuid.uuid4())
        request[_IDS] = Ids(own, request.headers.get("client-request-id", own))
    return request[_IDS]
