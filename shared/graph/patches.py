"""Patches: read the properties, write those that differ, read them back."""

from shared.changes.known_as import KnownAs
from shared.changes.operation import GraphCall, Json, Submission
from shared.faults import Permanent
from shared.graph.approval import approval_headers
from shared.graph.client import GraphClient
from shared.graph.effects import Reading, Verdict
from shared.graph.identity import (
    device_behind,
    known_device,
    known_managed_device,
    known_user,
    managed_device_behind,
    user_behind,
)
from shared.graph.values import difference
from shared.graph.way import Way


class Patch:
    """A PATCH of one object. Implements Effect; what kind of object it is, its subclasses tell."""

    checks_at_once = True
    settle_seconds = 0.0
    _marker: str | None = None
    """A property to read beside those that are set, as the marker of a reading."""

    def __init__(self, graph: GraphClient, way: Way, wanted: Json, reason: str | None) -> None:
        self.calls: list[GraphCall] = []
        self.sent: Json = {}
        self._graph, self.way = graph, way
        self._wanted, self._reason = wanted, reason

    async def read(self) -> Reading:
        """The properties that the request sets, as they are."""
        beside = [self._marker] if self._marker else []
        found = await self._graph.call(
            self.way.read,
            self.way.read_from,
            select=[*beside, *self._wanted],
            calls=self.calls,
        )
        marker = str(found.get(self._marker) or "") if self._marker else None
        return Reading(_like(self._wanted, found), marker)

    def needed(self, reading: Reading) -> Json:
        """What differs. Raises Permanent where the application-only rule forbids it."""
        return difference(self._wanted, reading.values)

    async def check_secret(self) -> None:
        """None: a patch needs no secret."""

    async def write(self, needed: Json, approval_code: str | None = None) -> None:
        """Send what differs."""
        self.sent = needed
        await self._graph.call(
            self.way.write,
            self.way.write_to,
            body=needed,
            headers=approval_headers(self._reason, approval_code),
            calls=self.calls,
        )

    def judge(self, submission: Submission, reading: Reading) -> Verdict:  # noqa: ARG002  its port
        """Confirmed when every property reads as it was set."""
        same = not difference(self._wanted, reading.values)
        return Verdict.CONFIRMED if same else Verdict.ABSENT


class DevicePatch(Patch):
    """PATCH devices/{id} or devices(deviceId='…')."""

    _marker = "operatingSystem"

    async def device(self) -> str | None:
        """The device behind the target, by the id that the directory and Intune share."""
        return await device_behind(self._graph, self.way, self.calls)

    async def known_as(self) -> KnownAs:
        """The ids and names of the device behind the target."""
        return await known_device(self._graph, self.way, self.calls)

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
    """PATCH deviceManagement/managedDevices/{managedDeviceId}, or a longer way to the same."""

    async def device(self) -> str | None:
        """The device behind the target, by the id that the directory and Intune share."""
        return await managed_device_behind(self._graph, self.way, self.calls)

    async def known_as(self) -> KnownAs:
        """The ids and names of the device behind the target."""
        return await known_managed_device(self._graph, self.way, self.calls)


class UserPatch(Patch):
    """PATCH users/{userId}."""

    async def device(self) -> str | None:
        """The user behind the target, by object id."""
        return await user_behind(self._graph, self.way, self.calls)

    async def known_as(self) -> KnownAs:
        """The ids and names of the user behind the target."""
        return await known_user(self._graph, self.way, self.calls)


def _like(wanted: Json, found: Json) -> Json:
    """The members of `found` that `wanted` names, one level of objects included."""
    return {
        name: _like(value, found.get(name) or {}) if isinstance(value, dict) else found.get(name)
        for name, value in wanted.items()
    }
