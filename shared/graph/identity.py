"""Which device or user a target is: what its changes have to be kept in order by."""

from shared.changes.identifiers import NO_DEVICE
from shared.changes.operation import GraphCall, Json
from shared.graph.client import GraphClient
from shared.graph.way import Way


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


async def _ask(graph: GraphClient, way: Way, select: list[str], calls: list[GraphCall]) -> Json:
    found: Json = await graph.call(way.read, way.read_from, select=select, calls=calls)
    return found


def _device(device_id: object) -> str | None:
    known = str(device_id or NO_DEVICE).lower()
    return None if known == NO_DEVICE else f"device:{known}"
