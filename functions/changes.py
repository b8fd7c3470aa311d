"""The HTTP way in: ask for a change, and see what became of it."""

import azure.functions as func

from functions.http import accepted, answer, answering_to
from functions.requests import asker_of, idempotency_key
from shared import composition
from shared.access.roles import SOURCES

blueprint = func.Blueprint()


@blueprint.function_name("post_change")
@blueprint.route("changes", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering_to(SOURCES)
async def post_change(req: func.HttpRequest) -> func.HttpResponse:
    """Accept a change: 202 with its id, and where to look for it. A dry run: 200 with its plan."""
    from shared.intake.asked import of_request

    key = idempotency_key(req)
    asked = of_request(req.headers, req.get_body())
    asker = asker_of(req)
    if asked.request.dryRun:
        return answer((await composition.dry_run().plan(asked.request, asker)).view)
    key = key or asked.event
    return accepted(await composition.intake().take(asked.request, asker, key=key))


@blueprint.function_name("get_change")
@blueprint.route("changes/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering_to(SOURCES)
async def get_change(req: func.HttpRequest) -> func.HttpResponse:
    """Everything that is on record of a change."""
    from shared.actions.decide import known
    from shared.changes.view import view

    return answer(view(await known(composition.actions(), req.route_params["id"])))
