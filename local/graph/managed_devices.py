"""Intune devices: https://learn.microsoft.com/graph/api/resources/intune-devices-manageddevice."""

from collections.abc import Callable

from .account_parameter import device_account
from .bodies import BetaManagedDeviceBody, ManagedDeviceBody, given, parse, writable
from .call import BETA, Call
from .device_actions import SYNC, UPDATE_ACCOUNT
from .members import BETA_MANAGED_DEVICE, MANAGED_DEVICE
from .objects import Kind, Stored
from .odata import Filter
from .refusals import RefusalError

_FILTERABLE = frozenset({"serialNumber", "deviceName", "azureADDeviceId", "imei"})
_MATCHED_IN_PART = "userPrincipalName"
_ONLY_WHEN_SELECTED = frozenset({"notes"})


def find(call: Call) -> dict[str, object]:
    """GET /deviceManagement/managedDevices; `notes` is null in lists even when selected.

    As Intune is reported to do, a filter on another property is ignored, and `eq` on a user's name
    finds it in longer ones (microsoftgraph/microsoft-graph-docs #19890,
    microsoft/Intune-PowerShell-SDK #39).
    """
    found = call.tenant.objects.find(Kind.MANAGED_DEVICE, _wanted(call.query.filter))
    without_notes = [device | {"notes": None} for device in found]
    return call.page(Kind.MANAGED_DEVICE, without_notes, _members(call), _ONLY_WHEN_SELECTED)


def _wanted(chosen: Filter | None) -> Callable[[Stored], bool]:
    if chosen and chosen.value and chosen.member in _FILTERABLE:
        return chosen.wants
    if chosen and chosen.value and chosen.member == _MATCHED_IN_PART:
        return chosen.is_in
    return lambda _: True


def get(call: Call) -> dict[str, object]:
    """GET /deviceManagement/managedDevices/{id}."""
    return _shown(call, call.found(Kind.MANAGED_DEVICE, _device_id(call)))


def patch(call: Call) -> dict[str, object]:
    """PATCH /deviceManagement/managedDevices/{id}; answers the object as it now is."""
    device = _target(call)
    model = BetaManagedDeviceBody if call.version == BETA else ManagedDeviceBody
    if call.members & (_members(call) - writable(model)):
        # Intune denies the whole write-back of an object that was read.
        raise RefusalError(403, "Forbidden")
    body = {name: value for name, value in call.body.items() if name != "@odata.type"}
    call.change(Kind.MANAGED_DEVICE, device, given(parse(body, model, "managedDevice")))
    return _shown(call, device)


def set_account(call: Call) -> None:
    """POST …/updateWindowsDeviceAccount: queues the action."""
    device = _target(call)
    account = device_account(call.body)
    call.change(Kind.MANAGED_DEVICE, device, {})
    call.tenant.actions.begin(device, UPDATE_ACCOUNT, account)


def sync(call: Call) -> None:
    """POST …/syncDevice: asks the device to check in."""
    device = _target(call)
    call.change(Kind.MANAGED_DEVICE, device, {})
    call.tenant.actions.begin(device, SYNC)


def _target(call: Call) -> Stored:
    device_id = _device_id(call)
    device = call.target(Kind.MANAGED_DEVICE, device_id)
    owner = call.parameters.get("userId", "").casefold()
    if owner and owner not in {device.get("userId"), device.get("userPrincipalName")}:
        raise call.not_found(device_id)
    return device


def _device_id(call: Call) -> str:
    """The last device on the path. Apps are not modelled: every device has every app."""
    for name in ("userManagedDeviceId", "managedDeviceId"):
        if name in call.parameters:
            return call.parameters[name]
    run_state = call.parameters["deviceRunStateId"]
    device_id = call.tenant.run_states.get(run_state.lower())
    if device_id is None:
        raise call.not_found(run_state)
    return device_id


def _shown(call: Call, device: Stored) -> dict[str, object]:
    shown = call.query.project(device, _members(call), _ONLY_WHEN_SELECTED)
    return call.entity(Kind.MANAGED_DEVICE, shown)


def _members(call: Call) -> frozenset[str]:
    return BETA_MANAGED_DEVICE if call.version == BETA else MANAGED_DEVICE
