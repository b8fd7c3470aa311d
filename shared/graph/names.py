"""From what people call a device to the one device it is, or a refusal.

One name is looked up, the one that tells most, and what is found is held against all of them.
Nothing of it is told in a refusal, for whoever asks may be guessing: only how many there were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.identifiers import NO_DEVICE
from shared.changes.operation import GraphCall, Json
from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.routes import ROUTES
from shared.graph.search import is_same, search

_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of object and what it is known by.

    `members` are those of a target, with the property each of them is, what tells most first;
    `gets` are the routes that take one of them, `select` what is read in any case.
    """

    what: str
    select: frozenset[str]
    members: Mapping[str, str]
    gets: Mapping[str, str]
    lists: str


_MANAGED_DEVICE = _Kind(
    "device of Microsoft Intune",
    frozenset({"id", "azureADDeviceId"}),
    {
        "managedDeviceId": "id",
        "azureADDeviceId": "azureADDeviceId",
        "imei": "imei",
        "serialNumber": "serialNumber",
        "deviceName": "deviceName",
        "primaryUser": "userPrincipalName",
    },
    {"managedDeviceId": "get-managed-device"},
    "list-managed-devices",
)
_DEVICE = _Kind(
    "device of Microsoft Entra ID",
    frozenset({"id"}),
    {"id": "id", "deviceId": "deviceId", "displayName": "displayName"},
    {"id": "get-device", "deviceId": "get-device-by-device-id"},
    "list-devices",
)


async def look_up(graph: GraphClient, request: Mapping[str, Any], calls: list[GraphCall]) -> Json:
    """The target of a request that names it, in the members of its route.

    Raises Fault; Permanent `target-not-found`, `target-ambiguous`, `identifiers-disagree`.
    """
    names: Json = request["target"]
    if request["operation"] != "patchDevice":
        found = await _find(graph, _MANAGED_DEVICE, names, calls)
        return {"managedDeviceId": str(found["id"]).lower()}
    found = await _find(graph, _DEVICE, await _in_directory(graph, names, calls), calls)
    return {"id": str(found["id"]).lower()}


async def _in_directory(graph: GraphClient, names: Json, calls: list[GraphCall]) -> Json:
    """The names that the directory knows; what only Intune knows becomes the device id there."""
    known = {name: value for name, value in names.items() if name in _DEVICE.members}
    if known == names:
        return known
    others = {name: value for name, value in names.items() if name not in known}
    managed = await _find(graph, _MANAGED_DEVICE, others, calls)
    device_id = str(managed.get("azureADDeviceId") or NO_DEVICE).lower()
    if device_id == NO_DEVICE:
        detail = "Intune has one such device, and it is not in Microsoft Entra ID."
        raise Permanent("target-not-found", detail)
    if known.get("deviceId", device_id) != device_id:
        raise _disagreement(names)
    return {**known, "deviceId": device_id}


async def _find(graph: GraphClient, kind: _Kind, names: Json, calls: list[GraphCall]) -> Json:
    """The one object of the kind that has all of these names."""
    wanted = {kind.members[name]: value for name, value in names.items()}
    select = sorted(kind.select | wanted.keys())
    name = next(name for name in kind.members if name in names)
    if name in kind.gets:
        route, by = ROUTES[kind.gets[name]], {name: names[name]}
        found = [await graph.call(route, by, select=select, calls=calls)]
    else:
        route, member = ROUTES[kind.lists], kind.members[name]
        found = await search(graph, route, member, names[name], select=select, calls=calls)
    if not found:
        detail = f"There is no {kind.what} with this {name}."
        raise Permanent("target-not-found", detail)
    agreeing = [
        each for each in found if all(is_same(each.get(key), wanted[key]) for key in wanted)
    ]
    if not agreeing:
        raise _disagreement(names)
    if len(agreeing) > 1:
        count = str(len(agreeing)) if len(agreeing) <= _MOST_TOLD else f"More than {_MOST_TOLD}"
        detail = f"{count} devices have this {' and '.join(names)}; name the one by its id."
        raise Permanent("target-ambiguous", detail)
    return agreeing[0]


def _disagreement(names: Json) -> Permanent:
    return Permanent("identifiers-disagree", f"No one device has this {' and '.join(names)}.")
