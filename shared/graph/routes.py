"""The routes of Microsoft Graph that Sluice calls: one table, the single source.

Source: the Graph reference pages "Update device", "Get device", "Update managedDevice", "Get
managedDevice" and "updateWindowsDeviceAccount action" (v1.0).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path, and the application permission that it needs.

    `path` is an RFC 6570 template below the version; `select` names properties to ask for.
    """

    method: str
    path: str
    permission: str
    version: str = "v1.0"

    @property
    def name(self) -> str:
        """As people write it: PATCH /devices/{id}."""
        return f"{self.method} {self.path}"


_DEVICE, _DEVICE_BY_DEVICE_ID = "/devices/{id}", "/devices(deviceId='{deviceId}')"
_MANAGED_DEVICE = "/deviceManagement/managedDevices/{managedDeviceId}"

GET_DEVICE = Route("GET", _DEVICE, "Device.ReadWrite.All")
GET_DEVICE_BY_DEVICE_ID = Route("GET", _DEVICE_BY_DEVICE_ID, "Device.ReadWrite.All")
PATCH_DEVICE = Route("PATCH", _DEVICE, "Device.ReadWrite.All")
PATCH_DEVICE_BY_DEVICE_ID = Route("PATCH", _DEVICE_BY_DEVICE_ID, "Device.ReadWrite.All")
GET_MANAGED_DEVICE = Route("GET", _MANAGED_DEVICE, "DeviceManagementManagedDevices.Read.All")
PATCH_MANAGED_DEVICE = Route(
    "PATCH", _MANAGED_DEVICE, "DeviceManagementManagedDevices.ReadWrite.All"
)
UPDATE_DEVICE_ACCOUNT = Route(
    "POST",
    f"{_MANAGED_DEVICE}/updateWindowsDeviceAccount",
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
)
