"""Readiness for people, load balancers and the smoke test."""

import azure.functions as func

from functions.http import answer
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("get_health")
@blueprint.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """200 when changes can be accepted and carried out, else 503; either way with reasons."""
    from shared.health.checks import Finding
    from shared.health.readiness import Readiness, readiness
    from shared.settings import SettingsError

    try:
        found = await readiness(composition.health_checks(), composition.doctor().examine)
    except SettingsError as error:
        found = Readiness([Finding("settings", ok=False, detail=str(error))])
    document = {
        "status": "ok" if found.ready else "unavailable",
        "checks": [
            {"name": each.name, "ok": each.ok, "detail": each.detail} for each in found.findings
        ],
        "permissions": found.permissions and found.permissions.view,
    }
    return answer(document, 200 if found.ready else 503)
