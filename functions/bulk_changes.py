"""One change for many targets, over HTTP."""

import azure.functions as func

from functions.http import accepted, answer, answering, check_media_type, idempotency_key, media_type
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("post_bulk_change")
@blueprint.route("bulk-changes", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def post_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """Accept a change for many targets: 202 with its id. A dry run: 200 with the first plans."""
    from shared.bulk.request import read_bulk_request

    key = idempotency_key(req)
    request = read_bulk_request(_body(req))
    if request.first.dryRun:
        return answer(await composition.bulk_dry_run().plan(request))
    return accepted(await composition.bulk_intake().take(request, key=key), "bulk-changes")


@blueprint.function_name("get_bulk_change")
@blueprint.route("bulk-changes/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """How far a bulk change has come."""
    from shared.bulk.view import view

    use = composition.bulk()
    return answer(await view(use, await known_bulk(use, req.route_params["id"])))
