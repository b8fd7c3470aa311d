"""The HTTP way in: ask for a change, and see what became of it."""

from email.message import Message

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
    from shared.changes.request import read_request

    _check_media_type(req.headers.get("content-type"), req.headers.get("content-encoding"))
    key = _key(req.headers.get("idempotency-key"))
    request = read_request(req.get_body())
    if request.dryRun:
        return answer((await composition.dry_run().plan(request)).view)
    return accepted(await composition.intake().take(request, source="http", key=key))


@blueprint.function_name("get_change")
@blueprint.route("changes/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering
async def get_change(req: func.HttpRequest) -> func.HttpResponse:
    """Everything that is on record of a change."""
    from shared.actions.decide import known
    from shared.changes.view import view

    return answer(view(await known(composition.actions(), req.route_params["id"])))


def _check_media_type(media_type: str | None, encoding: str | None) -> None:
    header = Message()
    header["content-type"] = media_type or "none"
    json = header.get_content_type() == "application/json"
    if not json or header.get_content_charset("utf-8") != "utf-8" or encoding:
        detail = "Send application/json in UTF-8, not compressed."
        raise RequestRefused(415, [Problem("wrong-media-type", "", detail)])


def _key(value: str | None) -> str | None:
    if value is None:
        return None
    key = value.strip()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        detail = f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable characters."
        raise RequestRefused(400, [Problem("invalid-key", "", detail)])
    return key
