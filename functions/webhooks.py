"""The way in from tickets: webhooks of ITSM tools, each checked by the file of its source."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import azure.functions as func

from functions.http import answer, answering_to
from shared.access.roles import ANYBODY, SOURCES
from shared.telemetry.line import note
from shared.webhooks import composition

if TYPE_CHECKING:
    from shared.webhooks.delivery import Delivery

blueprint = func.Blueprint()


# Anonymous to the host: each source has verifiers of its own, and few senders can send a key.
@blueprint.function_name("post_webhook")
@blueprint.route("webhooks/{source}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@answering_to(ANYBODY)
async def post_webhook(req: func.HttpRequest) -> func.HttpResponse:
    """Accept what a ticket asks for: 202 with a status.

    Also for a duplicate and for what is not meant for Sluice: senders repeat what is refused.
    """
    note(source=req.route_params["source"])
    admitted = await composition.receiver().receive(_delivery(req))
    changes = [
        {"id": each.operation.id, "state": each.operation.state, "repeated": each.repeated}
        for each in admitted.changes
    ]
    first = admitted.changes[0].operation.id if admitted.changes else None
    note(ticket=admitted.status, changes=len(changes), change=first)
    document = {"status": admitted.status, "reason": admitted.ignored, "changes": changes}
    location = {"Location": f"/api/changes/{changes[0]['id']}"} if len(changes) == 1 else {}
    return answer(document, 202, location)


@blueprint.function_name("options_webhook")
@blueprint.route("webhooks/{source}", methods=["OPTIONS"], auth_level=func.AuthLevel.ANONYMOUS)
@answering_to(ANYBODY)
async def options_webhook(req: func.HttpRequest) -> func.HttpResponse:
    """Whether an origin may send events here."""
    from shared.webhooks.handshake import permission

    source = req.route_params["source"]
    headers = permission(composition.sources(), source, req.headers)
    return func.HttpResponse(status_code=200, headers=headers)


@blueprint.function_name("validate_webhook")
@blueprint.route("webhooks/{source}/validate", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@answering_to(SOURCES)
async def validate_webhook(req: func.HttpRequest) -> func.HttpResponse:
    """What a payload would become; nothing is recorded or queued."""
    return answer(await composition.explainer().explain(_delivery(req)))


def _delivery(req: func.HttpRequest) -> "Delivery":
    from shared.webhooks.delivery import Delivery

    parts = urlsplit(req.url)
    return Delivery(
        source=req.route_params["source"],
        method=req.method,
        target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        headers={name.lower(): value for name, value in req.headers.items()},
        body=req.get_body(),
    )
