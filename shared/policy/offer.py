"""Which operations this Sluice offers: those that are enabled, where the cloud has their routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.problems import Problem
from shared.clouds import GLOBAL, Cloud
from shared.graph.availability import exists_in
from shared.graph.routes import ROUTED
from shared.graph.way import way_of

EVERY_OPERATION = ROUTED | {"rotateDeviceAccount"}
WITH_PASSWORDS = frozenset({"updateDeviceAccount", "rotateDeviceAccount"})
"""Those that cannot be carried out without the vault."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The enabled operations, by name, and the cloud that the tenant is in."""

    operations: frozenset[str] = EVERY_OPERATION
    cloud: Cloud = GLOBAL

    def refusal(self, request: Mapping[str, Any]) -> Problem | None:
        """Why a canonical request that has a route is not offered; None when it is."""
        if request["operation"] not in self.operations:
            enabled = ", ".join(sorted(self.operations))
            return Problem("operation-not-enabled", "/operation", f"Enabled here: {enabled}.")
        if request["operation"] not in ROUTED:
            return None
        way = way_of(request)
        for route in (way.write, way.read):
            if not exists_in(self.cloud, route):
                detail = f"The Graph of this cloud ({self.cloud.name}) does not have {route.line}."
                return Problem("not-in-this-cloud", "/target", detail)
        return None


EVERYTHING = Offer()
