"""Whether the route that a request asks for may be taken."""

from collections.abc import Mapping
from typing import Any

from shared.changes.problems import Problem, RequestRefused
from shared.changes.properties import BETA_ONLY
from shared.graph.route import Version
from shared.graph.routes import ROUTED, ROUTES
from shared.graph.way import NotInThisVersion, Way, official_target, way_of


def routed(request: Mapping[str, Any]) -> Way | None:
    """The way of a canonical request; None for an operation of many calls.

    Raises RequestRefused where its version does not go.
    """
    if request["operation"] not in ROUTED:
        return None
    try:
        way = way_of(request)
    except NotInThisVersion as error:
        detail = f"{error.route.name} exists in {', '.join(error.route.versions)} only."
        raise RequestRefused(422, [Problem("version-not-offered", "/version", detail)]) from None
    if problems := _beta_only(request, way):
        raise RequestRefused(422, problems)
    return way


def unofficial(request: Mapping[str, Any]) -> Problem | None:
    """Why its route may not be taken, where it is not official and the request does not ask so."""
    if request["operation"] not in ROUTED:
        return None
    way = way_of(request)
    if way.write.official or request.get("allowUnofficialRoute"):
        return None
    return Problem("unofficial-route", "/target", _why_not(request, way))


def _beta_only(request: Mapping[str, Any], way: Way) -> list[Problem]:
    if way.write.version is Version.BETA:
        return []
    return [
        Problem("property-not-writable", f"/set/{name}", reason)
        for name, reason in BETA_ONLY.get(request["operation"], {}).items()
        if name in request["set"]
    ]


def _why_not(request: Mapping[str, Any], way: Way) -> str:
    official = ROUTES[way.write.instead or ""].line
    why = (
        f"Microsoft's description of Graph does not have {way.write.line}, and the service is "
        f"reported to refuse it. Take {official} instead"
    )
    if official_target(way.write, request["target"]) is None:
        return f"{why}, or say allowUnofficialRoute."
    return f"{why}: rewriteToOfficialRoute does so. Or say allowUnofficialRoute."
