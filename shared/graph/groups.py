"""Who is in a group of Microsoft Entra ID, nested groups included.

Source: Microsoft Graph, "List group transitive members": of members whose kind the caller may not
read only type and id are told ("Limited information returned for inaccessible member objects").
"""

from shared.changes.operation import Json
from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.pages import every
from shared.graph.routes import ROUTES
from shared.register.discover import GroupMembers

_DEVICE, _USER = "#microsoft.graph.device", "#microsoft.graph.user"
_SELECT = ("id", "deviceId", "displayName", "userPrincipalName")


async def members_of(graph: GraphClient, group_id: str) -> GroupMembers:
    """The devices and users of the group with this object id.

    Raises Fault; Permanent `group-not-found`, and `devices-not-readable` where the ids of its
    devices are withheld.
    """
    devices: dict[str, str] = {}
    users: dict[str, str] = {}
    route, parameters = ROUTES["list-group-members"], {"groupId": group_id}
    try:
        async for each in every(graph, route, parameters, select=_SELECT):
            if each.get("@odata.type") == _DEVICE:
                devices[_device_id(each)] = str(each.get("displayName"))
            elif each.get("@odata.type") == _USER:
                users[str(each["id"]).lower()] = str(each.get("userPrincipalName") or each["id"])
    except Permanent as fault:
        if fault.code.startswith("graph-404"):
            detail = "Microsoft Entra ID has no group with this object id."
            raise Permanent("group-not-found", detail) from None
        raise
    return GroupMembers(devices, users)


def _device_id(device: Json) -> str:
    if device_id := device.get("deviceId"):
        return str(device_id).lower()
    detail = (
        "The group has devices, and Graph does not tell which: grant the identity Device.Read.All, "
        "or take a group of the accounts."
    )
    raise Permanent("devices-not-readable", detail)
