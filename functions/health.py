"""Readiness: for load balancers and the smoke test without a key, for people with one."""

from typing import TYPE_CHECKING

import azure.functions as func

from functions.http import answer, answering_to
from shared import composition
from shared.access.roles import ANYBODY

if TYPE_CHECKING:
    from shared.health.readiness import Readiness
    from shared.settings import SettingsError

blueprint = func.Blueprint()


@blueprint.function_name("get_health")
@blueprint.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@answering_to(ANYBODY)
async def get_health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """200 when changes can be accepted and carried out, else 503; no reasons, for anybody asks."""
    from shared.settings import SettingsError

    try:
        found = await composition.health().lately()
    except SettingsError as error:
        found = _unusable(error)
    return answer(found.summary, _status(found))


@blueprint.function_name("get_health_details")
@blueprint.route("health/details", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@answering_to(ANYBODY)
async def get_health_details(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001  the binding's name
    """The same as it is now, with reasons, and what the identity may do on Graph."""
    from shared.settings import SettingsError

    try:
        found = await composition.health().now()
    except SettingsError as error:
        found = _unusable(error)
    return answer(found.details, _status(found))


def _unusable(error: "SettingsError") -> "Readiness":
    from shared.health.checks import Finding
    from shared.health.readiness import Readiness

    return Readiness([Finding("settings", ok=False, detail=str(error))])


def _status(found: "Readiness") -> int:
    return 200 if found.ready else 503
