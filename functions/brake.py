"""The kill switch, the brakes, and what the policy holds, over HTTP."""

import azure.functions as func

from functions.http import answer, answering
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("get_brake")
@blueprint.route("brake", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_brake(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """How the kill switch and the brakes stand, and what is held."""
    return answer(await composition.stops().show())


@blueprint.function_name("post_brake")
@blueprint.route("brake", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def post_brake(req: func.HttpRequest) -> func.HttpResponse:
    """Turn the kill switch on or off."""
    from shared.actions.brake import switch_view
    from shared.actions.brake_requests import read_turn

    turn = read_turn(req.get_body())
    state = await composition.kill_switch().turn(on=turn.on, reason=turn.reason)
    return answer(switch_view(state))


@blueprint.function_name("release_brake")
@blueprint.route("brake/release", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def release_brake(req: func.HttpRequest) -> func.HttpResponse:
    """Let a brake go, and all changes that it or another rule holds."""
    from shared.actions.brake_requests import read_rule

    return answer(await composition.stops().release(read_rule(req.get_body())))


@blueprint.function_name("cancel_held")
@blueprint.route("brake/cancel", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def cancel_held(req: func.HttpRequest) -> func.HttpResponse:
    """Give up all changes that a rule holds."""
    from shared.actions.brake_requests import read_rule

    return answer(await composition.stops().cancel(read_rule(req.get_body())))
