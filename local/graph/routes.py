"""The routes of this stand-in: one row each. A new route is a new row."""

from collections.abc import Callable
from dataclasses import dataclass

from . import devices, groups, managed_devices, user_lists, users
from .call import Call


@dataclass(frozen=True, slots=True)
class Route:
    """One row.

    `roles` are the application permissions of which the caller needs one, `success` the status of
    an answer that is not a refusal. Microsoft's pages name routes that are not `official`, for its
    published description does not have them: they are served when the control API says so.
    """

    method: str
    template: str
    versions: frozenset[str]
    roles: frozenset[str]
    handler: Callable[[Call], dict[str, object] | None]
    success: int
    has_body: bool = False
    official: bool = True


def _any_of(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BOTH = frozenset({"v1.0", "beta"})
_BETA = frozenset({"beta"})

_SEE_DEVICES = _any_of(
    "Device.Read.All Device.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"
)
_WRITE_DEVICES = _any_of("Device.ReadWrite.All Directory.ReadWrite.All")
_SEE_MANAGED = _any_of(
    "DeviceManagementManagedDevices.Read.All DeviceManagementManagedDevices.ReadWrite.All"
)
_WRITE_MANAGED = _any_of("DeviceManagementManagedDevices.ReadWrite.All")
_ACT = _any_of("DeviceManagementManagedDevices.PrivilegedOperations.All")
_SEE_USERS = _any_of("User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
_WRITE_USERS = _any_of(
    "User.ReadWrite.All Directory.ReadWrite.All User-PasswordProfile.ReadWrite.All"
)

_SEE_MEMBERSHIPS = _any_of(
    "User.Read.All GroupMember.Read.All Group.Read.All Directory.Read.All Directory.ReadWrite.All"
)
_SEE_GROUPS = _any_of(
    "GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All"
    " Directory.Read.All"
)
_SEE_CALENDARS = _any_of("Calendars.ReadBasic.All Calendars.Read Calendars.ReadWrite")

_DEVICE = "/devices/{id}"
_DEVICE_KEY = "/devices(deviceId='{deviceId}')"
_MANAGED = "/deviceManagement/managedDevices"
_ONE = _MANAGED + "/{managedDeviceId}"
_SET = "/updateWindowsDeviceAccount"
_USER = "/users/{userId}"
_OF_USER = _USER + "/managedDevices/{managedDeviceId}"
_COMANAGED = "/deviceManagement/comanagedDevices/{managedDeviceId}"

_RUNS = "/deviceManagement/device{kind}Scripts/{{scriptId}}/deviceRunStates/{{deviceRunStateId}}"
_HEALTH_RUN, _SCRIPT_RUN, _COMPLIANCE_RUN = (
    _RUNS.format(kind=kind) + "/managedDevice" for kind in ("Health", "Management", "Compliance")
)
_OF_APP = "/detectedApps/{detectedAppId}/managedDevices/{managedDeviceId}"
_APP = f"/deviceManagement{_OF_APP}"
_OF_APP_USER = f"{_APP}{_USER}/managedDevices/{{userManagedDeviceId}}"


def _patch(path: str) -> Route:
    roles, handler = _WRITE_MANAGED, managed_devices.patch
    return Route("PATCH", path, _BETA, roles, handler, 200, has_body=True, official=False)


def _act(path: str, versions: frozenset[str] = _BETA) -> Route:
    path, handler = path + _SET, managed_devices.set_account
    return Route("POST", path, versions, _ACT, handler, 204, has_body=True, official=False)


_UNOFFICIAL = (
    _patch("/managedDevices/{managedDeviceId}"),
    _patch(_SCRIPT_RUN),
    _patch(_SCRIPT_RUN + _OF_APP),
    _act(_HEALTH_RUN),
    _act(_SCRIPT_RUN),
    _act(_COMPLIANCE_RUN),
    _act(_SCRIPT_RUN + _OF_USER),
    _act(_SCRIPT_RUN + _OF_APP),
    _act(_APP, frozenset({"v1.0"})),
    _act(_OF_APP_USER, frozenset({"v1.0"})),
    Route(
        "PATCH",
        _SCRIPT_RUN + _USER,
        _BETA,
        _WRITE_MANAGED | _any_of("DeviceManagementConfiguration.ReadWrite.All"),
        users.patch_through_device,
        200,
        has_body=True,
        official=False,
    ),
)

ROUTES = (
    *_UNOFFICIAL,
    Route("GET", _HEALTH_RUN, _BETA, _SEE_MANAGED, managed_devices.get, 200),
    Route("GET", _SCRIPT_RUN, _BETA, _SEE_MANAGED, managed_devices.get, 200),
    Route("GET", _COMPLIANCE_RUN, _BETA, _SEE_MANAGED, managed_devices.get, 200),
    Route("GET", "/devices", _BOTH, _SEE_DEVICES, devices.find, 200),
    Route("GET", _DEVICE, _BOTH, _SEE_DEVICES, devices.get, 200),
    Route("GET", _DEVICE_KEY, _BOTH, _SEE_DEVICES, devices.get_by_key, 200),
    Route("PATCH", _DEVICE, _BOTH, _WRITE_DEVICES, devices.patch, 204, has_body=True),
    Route("PATCH", _DEVICE_KEY, _BOTH, _WRITE_DEVICES, devices.patch_by_key, 204, has_body=True),
    Route("GET", _MANAGED, _BOTH, _SEE_MANAGED, managed_devices.find, 200),
    Route("GET", _ONE, _BOTH, _SEE_MANAGED, managed_devices.get, 200),
    Route("PATCH", _ONE, _BOTH, _WRITE_MANAGED, managed_devices.patch, 200, has_body=True),
    Route("POST", _ONE + _SET, _BOTH, _ACT, managed_devices.set_account, 204, has_body=True),
    Route("POST", _ONE + "/syncDevice", _BOTH, _ACT, managed_devices.sync, 204),
    Route("PATCH", _OF_USER, _BOTH, _WRITE_MANAGED, managed_devices.patch, 200, has_body=True),
    Route("POST", _OF_USER + _SET, _BOTH, _ACT, managed_devices.set_account, 204, has_body=True),
    Route("PATCH", _COMANAGED, _BETA, _WRITE_MANAGED, managed_devices.patch, 200, has_body=True),
    Route("POST", _COMANAGED + _SET, _BETA, _ACT, managed_devices.set_account, 204, has_body=True),
    Route("GET", _USER, _BOTH, _SEE_USERS, users.get, 200),
    Route("PATCH", _USER, _BOTH, _WRITE_USERS, users.patch, 204, has_body=True),
    Route(
        "GET", _USER + "/transitiveMemberOf", _BOTH, _SEE_MEMBERSHIPS, user_lists.memberships, 200
    ),
    Route("GET", "/groups/{groupId}/transitiveMembers", _BOTH, _SEE_GROUPS, groups.members, 200),
    Route("GET", _USER + "/calendarView", _BOTH, _SEE_CALENDARS, user_lists.calendar_view, 200),
)
