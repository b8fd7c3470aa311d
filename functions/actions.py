"""What a person may do with a change, over HTTP."""

import azure.functions as func

from functions.http import accepted, answer, answering
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("cancel_change")
@blueprint.route("changes/{id}/cancel", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def cancel_change(req: func.HttpRequest) -> func.HttpResponse:
    """End a change before it is written."""
    from shared.actions.cancel import cancel
    from shared.actions.options import read_options
    from shared.changes.view import view

    abandon = read_options(req.get_body(), "abandon")["abandon"]
    change = req.route_params["id"]
    return answer(view(await cancel(composition.actions(), change, abandon=abandon)))


@blueprint.function_name("release_change")
@blueprint.route("changes/{id}/release", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def release_change(req: func.HttpRequest) -> func.HttpResponse:
    """Let a held change go on now."""
    from shared.actions.options import read_options
    from shared.actions.release import release
    from shared.changes.view import view

    window = read_options(req.get_body(), "window")["window"]
    use, stop = composition.actions(), composition.kill_switch()
    return answer(view(await release(use, stop, req.route_params["id"], window=window)))


@blueprint.function_name("reverse_change")
@blueprint.route("changes/{id}/reverse", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def reverse_change(req: func.HttpRequest) -> func.HttpResponse:
    """Undo a verified patch: 202 with the id of the change that does so."""
    from shared.actions.options import read_options
    from shared.actions.reverse import reverse

    read_options(req.get_body())
    change = req.route_params["id"]
    return accepted(await reverse(composition.actions(), composition.intake(), change))
