"""The HTTP way in: ask for a change, and see what became of it."""

import azure.functions as func

from functions.http import accepted, answer, answering
from shared import composition
from shared.changes.problems import Problem, RequestRefused

blueprint = func.Blueprint()

_LONGEST_KEY = 256


@blueprint.function_name("post_change")
@blueprint.route("changes", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def post_change(req: func.HttpRequest) -> func.HttpResponse:
    """Accept a change: 202 with its id, and where to look for it. A dry run: 200 with its plan."""
    from shared.intake.asked import of_request

    key = _key(req.headers.get("idempotency-key"))
    asked = of_request(req.headers, req.get_body())
    if asked.request.dryRun:
        return answer((await composition.dry_run().plan(asked.request)).view)
    key = key or asked.event
    return accepted(await composition.intake().take(asked.request, source="http", key=key))


@blueprint.function_name("get_change")
@blueprint.route("changes/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_change(req: func.HttpRequest) -> func.HttpResponse:
    """Everything that is on record of a change."""
    from shared.actions.decide import known
    from shared.changes.view import view

    return answer(view(await known(composition.actions(), req.route_params["id"])))


def _key(value: str | None) -> str | None:
    if value is None:
        return None
    key = value.strip()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        detail = f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters."
        raise RequestRefused(400, [Problem("invalid-key", "", detail)])
    return key
