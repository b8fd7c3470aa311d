"""Readiness for people, load balancers and the smoke test."""

import azure.functions as func

from functions.http import answer
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("get_health")
@blueprint.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """200 when changes can be accepted and carried out, else 503; either way with reasons."""
    from shared.health.checks import Finding, run_checks
    from shared.settings import SettingsError

    try:
        findings = await run_checks(composition.health_checks())
    except SettingsError as error:
        findings = [Finding("settings", ok=False, detail=str(error))]
    healthy = all(finding.ok for finding in findings)
    document = {
        "status": "ok" if healthy else "unavailable",
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in findings],
    }
    return answer(document, 200 if healthy else 503)
