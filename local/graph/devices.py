"""Entra devices: https://learn.microsoft.com/graph/api/resources/device."""

from typing import Any

from .bodies import DeviceBody, given, parse, writable
from .call import BETA, Call
from .members import BETA_DEVICE, DEVICE, DEVICE_OWNED_BY_INTUNE
from .objects import Kind, Stored
from .refusals import NO_PRIVILEGE, RefusalError
from .tenant import GUID


def find(call: Call) -> dict[str, object]:
    """GET /devices, filtered by deviceId or displayName."""
    found = call.filtered(Kind.DEVICE, {"deviceId", "displayName"})
    return call.page(Kind.DEVICE, found, _members(call), frozenset())


def get(call: Call) -> dict[str, object]:
    """GET /devices/{id}."""
    return _shown(call, call.found(Kind.DEVICE, call.parameters["id"]))


def get_by_key(call: Call) -> dict[str, object]:
    """GET /devices(deviceId='{deviceId}')."""
    return _shown(call, call.found(Kind.DEVICE, _object_id(call)))


def patch(call: Call) -> None:
    """PATCH /devices/{id}."""
    _patch(call, call.target(Kind.DEVICE, call.parameters["id"]))


def patch_by_key(call: Call) -> None:
    """PATCH /devices(deviceId='{deviceId}')."""
    _patch(call, call.target(Kind.DEVICE, _object_id(call)))


def _shown(call: Call, device: Stored) -> dict[str, object]:
    return call.entity(Kind.DEVICE, call.query.project(device, _members(call), frozenset()))


def _members(call: Call) -> frozenset[str]:
    return BETA_DEVICE if call.version == BETA else DEVICE


def _object_id(call: Call) -> str:
    device_id = call.parameters["deviceId"]
    if not GUID.fullmatch(device_id):
        raise RefusalError(400, f"Invalid value '{device_id}' for the alternate key 'deviceId'.")
    for device in call.tenant.objects.all(Kind.DEVICE):
        if str(device.get("deviceId", "")).lower() == device_id.lower():
            return str(device["id"])
    raise call.not_found(device_id)


def _patch(call: Call, device: Stored) -> None:
    _refuse_what_others_own(call, device)
    changes: dict[str, Any] = given(parse(call.body, DeviceBody, "device"))
    if "extensionAttributes" in changes:
        kept = device.get("extensionAttributes") or {}
        changes["extensionAttributes"] = {**kept, **changes["extensionAttributes"]}
    call.change(Kind.DEVICE, device, changes)


def _refuse_what_others_own(call: Call, device: Stored) -> None:
    names = call.members
    if names & DEVICE_OWNED_BY_INTUNE:
        raise RefusalError(403, NO_PRIVILEGE)
    for name in sorted(names & (_members(call) - writable(DeviceBody))):
        raise RefusalError(400, f"Property '{name}' is read-only and cannot be set.")
    # With application permissions alone, only the free attributes of a device that does not run
    # Windows can be written.
    others = (names & writable(DeviceBody)) - {"extensionAttributes"}
    if others and not str(device.get("operatingSystem", "")).startswith("Windows"):
        raise RefusalError(403, NO_PRIVILEGE)
