"""What the families of devices differ in, each behind the same adapter.

What is known of each, and what is not: docs/device-families.md.
"""

from typing import Protocol

from shared.changes.operation import Json
from shared.register.document import DeviceAccountDocument, Family
from shared.rotation.ports import Device

_FIRST_BUILD_OF_WINDOWS_11 = 22_000


class DeviceFamily(Protocol):
    """One kind of device."""

    takes_account: bool
    """Whether the password is sent to the device by updateWindowsDeviceAccount."""

    def objection(self, device: Device) -> str | None:
        """Why the device is not of this family; None when nothing that Intune tells says so."""


class SurfaceHub:
    """A Surface Hub that runs Windows 10 Team: what the action was made for."""

    takes_account = True

    def objection(self, device: Device) -> str | None:
        """By its model, and by its build of Windows."""
        if not _is_hub(device):
            return "Intune does not call it a Surface Hub."
        if _runs_windows_11(device):
            return "It runs Windows 11, so it is a Teams Room on Windows by now."
        return None


class TeamsRoomsOnWindows:
    """The Microsoft Teams Rooms app on any model. That it takes the action is not proven."""

    takes_account = True

    def objection(self, device: Device) -> str | None:
        """Nothing that Intune tells of a device says that it is one; only that it is none."""
        if not device.operating_system.lower().startswith("windows"):
            return "It does not run Windows."
        if _is_hub(device) and device.os_version and not _runs_windows_11(device):
            return "It is a Surface Hub that runs Windows 10 Team."
        return None


class DirectoryOnly:
    """The password is changed in the directory, and people or another tool tell the device."""

    takes_account = False

    def objection(self, device: Device) -> str | None:  # noqa: ARG002  its port
        """None: any device will do, for none is touched."""
        return None


FAMILIES: dict[Family, DeviceFamily] = {
    "surfaceHub": SurfaceHub(),
    "teamsRoomsOnWindows": TeamsRoomsOnWindows(),
    "directoryOnly": DirectoryOnly(),
}


def account_parameter(document: DeviceAccountDocument) -> Json:
    """Graph's updateWindowsDeviceAccountActionParameter, without the password.

    What the register does not say is left out: the device then finds it by auto-discovery.
    `sessionInitiationProtocalAddress` is really spelt so.
    """
    domain, backslash, user = document.account.rpartition("\\")
    if backslash:
        account = {
            "@odata.type": "#microsoft.graph.windowsDeviceADAccount",
            "domainName": domain,
            "userName": user,
        }
    else:
        account = {
            "@odata.type": "#microsoft.graph.windowsDeviceAzureADAccount",
            "userPrincipalName": document.account,
        }
    said = {
        "deviceAccountEmail": document.email,
        "exchangeServer": document.exchangeServer,
        "sessionInitiationProtocalAddress": document.sipAddress,
    }
    return {
        "deviceAccount": account,
        "passwordRotationEnabled": document.deviceRotatesPassword,
        "calendarSyncEnabled": document.calendarSync,
        **{name: value for name, value in said.items() if value is not None},
    }


def _is_hub(device: Device) -> bool:
    return "surface hub" in device.model.lower()


def _runs_windows_11(device: Device) -> bool:
    """Windows 11 still says 10.0 and tells itself by its build."""
    build = device.os_version.split(".")[2:3]
    return bool(build) and build[0].isdecimal() and int(build[0]) >= _FIRST_BUILD_OF_WINDOWS_11
