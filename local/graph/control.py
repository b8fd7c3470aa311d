"""The control API of the tenant: objects, accounts, devices' manners, quotas, routes."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from local.standins.control import PREFIX
from local.standins.faults import STRICT

from .approvals import Approvals
from .device_actions import Behaviour
from .objects import Kind, Stored
from .quotas import Quota, WriteQuotas
from .refusals import Service
from .routing import Router
from .tenant import Seed, Tenant


class _Password(BaseModel):
    password: str


class _Protected(BaseModel):
    model_config = STRICT
    path: str


class _Routes(BaseModel):
    model_config = STRICT
    serve_unofficial: bool


_OBJECT = TypeAdapter(dict[str, Any])
_QUOTAS = TypeAdapter(dict[Service, Quota | None])


class TenantControl:
    """The handlers, one for each path below."""

    def __init__(
        self, tenant: Tenant, quotas: WriteQuotas, router: Router, approvals: Approvals
    ) -> None:
        self._tenant = tenant
        self._quotas = quotas
        self._router = router
        self._approvals = approvals

    def add_to(self, app: web.Application) -> None:
        """Serve the paths."""
        app.add_routes(
            [
                web.post(f"{PREFIX}/objects", self._add_objects),
                web.get(f"{PREFIX}/objects/{{kind}}/{{id}}", self._get_object),
                web.patch(f"{PREFIX}/objects/{{kind}}/{{id}}", self._change_object),
                web.get(f"{PREFIX}/accounts/{{id}}", self._get_account),
                web.post(f"{PREFIX}/accounts/{{id}}/verify", self._verify_account),
                web.put(f"{PREFIX}/actions/{{id}}", self._set_behaviour),
                web.post(f"{PREFIX}/approvals", self._protect),
                web.post(f"{PREFIX}/approvals/{{code}}/approve", self._approve),
                web.put(f"{PREFIX}/quotas", self._set_quotas),
                web.put(f"{PREFIX}/routes", self._set_routes),
            ]
        )

    async def _add_objects(self, request: web.Request) -> web.Response:
        self._tenant.add(Seed.model_validate_json(await request.read()))
        return web.Response(status=204)

    async def _get_object(self, request: web.Request) -> web.Response:
        return web.json_response(self._stored(request))

    async def _change_object(self, request: web.Request) -> web.Response:
        stored = self._stored(request)
        stored |= _OBJECT.validate_json(await request.read())
        return web.json_response(stored)

    async def _get_account(self, request: web.Request) -> web.Response:
        self._tenant.actions.advance()
        account = self._tenant.accounts.devices.get(_id(request))
        if account is None:
            raise web.HTTPNotFound
        shown = {"name": account.name, "password": account.digest}
        return web.json_response(shown | {"rotatesItself": account.rotates_itself})

    async def _verify_account(self, request: web.Request) -> web.Response:
        self._tenant.actions.advance()
        offered = _Password.model_validate_json(await request.read())
        opens = self._tenant.accounts.opens(_id(request), offered.password)
        return web.json_response({"opens": opens})

    async def _set_behaviour(self, request: web.Request) -> web.Response:
        behaviour = Behaviour.model_validate_json(await request.read())
        self._tenant.actions.behaviours[_id(request)] = behaviour
        return web.Response(status=204)

    async def _protect(self, request: web.Request) -> web.Response:
        wanted = _Protected.model_validate_json(await request.read())
        self._approvals.protect(wanted.path)
        return web.Response(status=204)

    async def _approve(self, request: web.Request) -> web.Response:
        if not self._approvals.approve(request.match_info["code"]):
            raise web.HTTPNotFound
        return web.Response(status=204)

    async def _set_quotas(self, request: web.Request) -> web.Response:
        for service, quota in _QUOTAS.validate_json(await request.read()).items():
            self._quotas.set(service, quota)
        return web.Response(status=204)

    async def _set_routes(self, request: web.Request) -> web.Response:
        wanted = _Routes.model_validate_json(await request.read())
        self._router.serves_unofficial = wanted.serve_unofficial
        return web.Response(status=204)

    def _stored(self, request: web.Request) -> Stored:
        self._tenant.actions.advance()
        stored = self._tenant.objects.current(_kind(request), _id(request))
        if stored is None:
            raise web.HTTPNotFound
        return stored


def _id(request: web.Request) -> str:
    return request.match_info["id"].lower()


def _kind(request: web.Request) -> Kind:
    try:
        return Kind(request.match_info["kind"])
    except ValueError:
        raise web.HTTPNotFound from None
