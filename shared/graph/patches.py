"""Patches: read the properties, write those that differ, read them back."""

from dataclasses import dataclass
from typing import Any

from shared.changes.operation import GraphCall, Json, Submission
from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.effects import Reading, Verdict
from shared.graph.routes import (
    GET_DEVICE,
    GET_DEVICE_BY_DEVICE_ID,
    GET_MANAGED_DEVICE,
    PATCH_DEVICE,
    PATCH_DEVICE_BY_DEVICE_ID,
    PATCH_MANAGED_DEVICE,
    Route,
)

NO_DEVICE = "00000000-0000-0000-0000-000000000000"
"""What Intune reports for a device that is not in Microsoft Entra ID."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An addressable kind of object: how it is read and patched, and which member names it."""

    get: Route
    patch: Route
    identity: str


DEVICE = Resource(GET_DEVICE, PATCH_DEVICE, "deviceId")
DEVICE_BY_DEVICE_ID = Resource(GET_DEVICE_BY_DEVICE_ID, PATCH_DEVICE_BY_DEVICE_ID, "deviceId")
MANAGED_DEVICE = Resource(GET_MANAGED_DEVICE, PATCH_MANAGED_DEVICE, "azureADDeviceId")


class Patch:
    """A PATCH of an Entra device or an Intune managed device. Implements Effect."""

    checks_at_once = True
    settle_seconds = 0.0

    def __init__(self, graph: GraphClient, resource: Resource, target: Json, wanted: Json) -> None:
        self.calls: list[GraphCall] = []
        self._graph, self._resource = graph, resource
        self._target, self._wanted = target, wanted

    async def device(self) -> str | None:
        """The device behind the target, by the id that the directory and Intune share."""
        return await device_of(self._graph, self._resource, self._target, self.calls)

    async def read(self) -> Reading:
        """The properties that the request sets, as they are."""
        found = await self._graph.call(
            self._resource.get,
            self._target,
            select=["operatingSystem", *self._wanted],
            calls=self.calls,
        )
        return Reading(_like(self._wanted, found), marker=str(found.get("operatingSystem") or ""))

    def needed(self, reading: Reading) -> Json:
        """What differs. Raises Permanent where the application-only rule forbids it."""
        return _difference(self._wanted, reading.values)

    async def write(self, needed: Json) -> None:
        """Send what differs."""
        await self._graph.call(self._resource.patch, self._target, body=needed, calls=self.calls)

    def judge(self, submission: Submission, reading: Reading) -> Verdict:  # noqa: ARG002  its port
        """Confirmed when every property reads as it was set."""
        same = not _difference(self._wanted, reading.values)
        return Verdict.CONFIRMED if same else Verdict.ABSENT


class DevicePatch(Patch):
    """PATCH devices/{id} or devices(deviceId='…')."""

    def __init__(self, graph: GraphClient, target: Json, wanted: Json) -> None:
        super().__init__(graph, DEVICE if "id" in target else DEVICE_BY_DEVICE_ID, target, wanted)

    def needed(self, reading: Reading) -> Json:
        """What differs; without a user, other systems than Windows take extensionAttributes only.

        Source: Microsoft Graph, "Update device", permissions.
        """
        needed = super().needed(reading)
        system = reading.marker or ""
        refused = sorted(needed.keys() - {"extensionAttributes"})
        if refused and system and not system.lower().startswith("windows"):
            detail = (
                "On a device that does not run Windows an application may write "
                f"extensionAttributes only, not {', '.join(refused)}."
            )
            raise Permanent("application-only", detail)
        return needed


class ManagedDevicePatch(Patch):
    """PATCH deviceManagement/managedDevices/{managedDeviceId}."""

    def __init__(self, graph: GraphClient, target: Json, wanted: Json) -> None:
        super().__init__(graph, MANAGED_DEVICE, target, wanted)


async def device_of(
    graph: GraphClient, resource: Resource, target: Json, calls: list[GraphCall]
) -> str | None:
    """`device:<deviceId>` of a target, None where the directory does not know it."""
    found = await graph.call(resource.get, target, select=[resource.identity], calls=calls)
    device_id = str(found.get(resource.identity) or NO_DEVICE).lower()
    return None if device_id == NO_DEVICE else f"device:{device_id}"


def _like(wanted: Json, found: Json) -> Json:
    """The members of `found` that `wanted` names, one level of objects included."""
    return {
        name: _like(value, found.get(name) or {}) if isinstance(value, dict) else found.get(name)
        for name, value in wanted.items()
    }


def _difference(wanted: Json, values: Json) -> Json:
    """The members of `wanted` whose value is another in `values`."""
    needed: dict[str, Any] = {}
    for name, value in wanted.items():
        if isinstance(value, dict):
            if inner := _difference(value, values.get(name) or {}):
                needed[name] = inner
        elif values.get(name) != value:
            needed[name] = value
    return needed
