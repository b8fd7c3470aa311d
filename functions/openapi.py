"""The description of the HTTP API."""

import azure.functions as func

from functions.http import answer, answering_to
from shared.access.roles import ANYBODY

blueprint = func.Blueprint()


@blueprint.function_name("get_openapi")
@blueprint.route("openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@answering_to(ANYBODY)
async def get_openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """OpenAPI 3.1."""
    from shared.openapi.document import document

    return answer(document())
