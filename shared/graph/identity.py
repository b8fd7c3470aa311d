"""Which device or user a target is: what its changes have to be kept in order by."""

from collections.abc import Iterable

from shared.changes.identifiers import NO_DEVICE
from shared.changes.known_as import KnownAs
from shared.changes.operation import GraphCall, Json
from shared.graph.client import GraphClient
from shared.graph.way import Way

_DEVICE = ("id", "deviceId", "displayName")
_MANAGED_DEVICE = ("id", "azureADDeviceId", "deviceName", "serialNumber")
_USER = ("id", "userPrincipalName")
"""What tells people which one it is."""


async def device_behind(graph: GraphClient, way: Way, calls: list[GraphCall]) -> str | None:
    """`device:<deviceId>` of an Entra device."""
    found = await _ask(graph, way, ["deviceId"], calls)
    return _device(found.get("deviceId"))


async def managed_device_behind(graph: GraphClient, way: Way, calls: list[GraphCall]) -> str | None:
    """`device:<deviceId>` of an Intune device, its Intune id where the directory has no such."""
    return address_of_managed(await _ask(graph, way, ["id", "azureADDeviceId"], calls))


def address_of_managed(found: Json) -> str | None:
    """The same from what Intune tells: `id` and `azureADDeviceId` of a managed device."""
    if device := _device(found.get("azureADDeviceId")):
        return device
    return f"managed:{str(found['id']).lower()}" if found.get("id") else None


async def user_behind(graph: GraphClient, way: Way, calls: list[GraphCall]) -> str | None:
    """`user:<object id>` of a user."""
    found = await _ask(graph, way, ["id"], calls)
    return f"user:{str(found['id']).lower()}" if found.get("id") else None


async def known_device(graph: GraphClient, way: Way, calls: list[GraphCall]) -> KnownAs:
    """The ids and the name of an Entra device."""
    found = await _ask(graph, way, [*_DEVICE], calls)
    return KnownAs(devices=_values(found, _DEVICE))


async def known_managed_device(graph: GraphClient, way: Way, calls: list[GraphCall]) -> KnownAs:
    """The ids and names of an Intune device, and the name of its user."""
    found = await _ask(graph, way, [*_MANAGED_DEVICE, "userPrincipalName"], calls)
    return KnownAs(_values(found, _MANAGED_DEVICE), _values(found, ("userPrincipalName",)))


async def known_user(graph: GraphClient, way: Way, calls: list[GraphCall]) -> KnownAs:
    """The id and the name of a user."""
    found = await _ask(graph, way, [*_USER], calls)
    return KnownAs(accounts=_values(found, _USER))


def _values(found: Json, names: Iterable[str]) -> frozenset[str]:
    return frozenset(str(found[name]) for name in names if found.get(name))


async def _ask(graph: GraphClient, way: Way, select: list[str], calls: list[GraphCall]) -> Json:
    found: Json = await graph.call(way.read, way.read_from, select=select, calls=calls)
    return found


def _device(device_id: object) -> str | None:
    known = str(device_id or NO_DEVICE).lower()
    return None if known == NO_DEVICE else f"device:{known}"
