"""The control API every stand-in has: plan faults, read the journal. No authentication."""

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from .faults import Fault, FaultPlan, Match
from .journal import Journal

PREFIX = "/_control"


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a malformed control request with 400 and what is wrong, without its values."""
    try:
        return await handler(request)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        return web.json_response({"problems": problems}, status=400)


def add_control[F: Fault](app: web.Application, faults: FaultPlan[F], journal: Journal) -> None:
    """Serve `/_control/faults` (GET, POST, DELETE) and `/_control/journal` (GET, DELETE)."""

    async def list_faults(_: web.Request) -> web.Response:
        return web.json_response(faults.pending())

    async def plan_fault(request: web.Request) -> web.Response:
        faults.add(faults.kind.model_validate_json(await request.read()))
        return web.Response(status=204)

    async def clear_faults(_: web.Request) -> web.Response:
        faults.clear()
        return web.Response(status=204)

    async def read_journal(request: web.Request) -> web.Response:
        return web.json_response(journal.find(Match.model_validate(dict(request.query))))

    async def clear_journal(_: web.Request) -> web.Response:
        journal.clear()
        return web.Response(status=204)

    app.add_routes(
        [
            web.get(f"{PREFIX}/faults", list_faults),
            web.post(f"{PREFIX}/faults", plan_fault),
            web.delete(f"{PREFIX}/faults", clear_faults),
            web.get(f"{PREFIX}/journal", read_journal),
            web.delete(f"{PREFIX}/journal", clear_journal),
        ]
    )
