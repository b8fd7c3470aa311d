"""One change for many targets, over HTTP."""

import azure.functions as func

from functions.http import accepted, answer, answering
from functions.requests import check_media_type, form_parts, idempotency_key, is_form
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("post_bulk_change")
@blueprint.route("bulk-changes", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def post_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """Accept a change for many targets: 202 with its id. A dry run: 200 with the first plans."""
    from shared.bulk.csv_file import with_targets
    from shared.bulk.request import read_bulk_request

    key = idempotency_key(req)
    if is_form(req):
        body = with_targets(*form_parts(req, "change", "targets"))
    else:
        check_media_type(req, "application/json")
        body = req.get_body()
    request = read_bulk_request(body)
    if request.first.dryRun:
        return answer(await composition.bulk_dry_run().plan(request))
    return accepted(await composition.bulk_intake().take(request, key=key), "/api/bulk-changes")


@blueprint.function_name("get_bulk_change")
@blueprint.route("bulk-changes/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """How far a bulk change has come."""
    from shared.bulk.view import show

    return answer(await show(composition.bulk(), req.route_params["id"]))


@blueprint.function_name("get_bulk_targets")
@blueprint.route("bulk-changes/{id}/targets", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_bulk_targets(req: func.HttpRequest) -> func.HttpResponse:
    """A page of its targets, and what became of each."""
    from shared.bulk.targets_page import read_page, show_page

    page = read_page(req.params)
    return answer(await show_page(composition.bulk(), req.route_params["id"], page))


@blueprint.function_name("cancel_bulk_change")
@blueprint.route("bulk-changes/{id}/cancel", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def cancel_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """Begin no more of its targets, and cancel those that can be."""
    from shared.actions.options import read_options
    from shared.bulk.actions import cancel_bulk
    from shared.bulk.view import show

    read_options(req.get_body())
    bulk = await cancel_bulk(composition.bulk(), req.route_params["id"])
    return answer(await show(composition.bulk(), bulk.id))


@blueprint.function_name("resume_bulk_change")
@blueprint.route("bulk-changes/{id}/resume", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def resume_bulk_change(req: func.HttpRequest) -> func.HttpResponse:
    """Let one that has halted go on."""
    from shared.bulk.actions import resume_bulk
    from shared.bulk.request import read_share
    from shared.bulk.view import show

    share = read_share(req.get_body())
    bulk = await resume_bulk(composition.bulk(), req.route_params["id"], share)
    return answer(await show(composition.bulk(), bulk.id))
