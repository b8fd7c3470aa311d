"""The routes of Microsoft Graph that Sluice calls: one table, the single source.

The parameters of a write's path are the members of the target that it takes, so that the table
also tells which operation takes which target. A route is official when Microsoft's published
OpenAPI description has it; the reference pages name others, which the service is reported to
refuse. Where a page prints an empty segment or names two devices alike, the path here is mended.

Sources: the Graph reference pages "Update device", "Update managedDevice", "Update
windowsManagedDevice" (beta), "updateWindowsDeviceAccount action" (v1.0 and beta), "Update user"
(Entra, and Intune in beta), "syncDevice action", "List a user's memberships (direct and
transitive)", "List group transitive members", "List calendarView", and the pages that get the same
objects.
"""

from collections.abc import Iterable

from shared.graph.route import BOTH, Body, Route, Version, Versions, Write

_BETA, _V1 = (Version.BETA,), (Version.V1,)

_SEE_MANAGED = "DeviceManagementManagedDevices.Read.All"
_WRITE_MANAGED = "DeviceManagementManagedDevices.ReadWrite.All"
_ACT = "DeviceManagementManagedDevices.PrivilegedOperations.All"
_WRITE_DEVICES = "Device.ReadWrite.All"
_SEE_USERS, _WRITE_USERS = "User.Read.All", "User.ReadWrite.All"

_DEVICE, _DEVICE_BY_DEVICE_ID = "/devices/{id}", "/devices(deviceId='{deviceId}')"
_MANAGED = "/deviceManagement/managedDevices/{managedDeviceId}"
_COMANAGED = "/deviceManagement/comanagedDevices/{comanagedDeviceId}"
_OF_APP = "/detectedApps/{detectedAppId}/managedDevices/{managedDeviceId}"
_USER = "/users/{userId}"
_OF_USER = f"{_USER}/managedDevices/{{managedDeviceId}}"
_HEALTH_RUN, _MANAGEMENT_RUN, _COMPLIANCE_RUN = (
    f"/deviceManagement/device{kind}Scripts/{{device{kind}ScriptId}}"
    "/deviceRunStates/{deviceRunStateId}/managedDevice"
    for kind in ("Health", "Management", "Compliance")
)

READS = (
    Route("get-device", "GET", _DEVICE, _WRITE_DEVICES),
    Route("get-device-by-device-id", "GET", _DEVICE_BY_DEVICE_ID, _WRITE_DEVICES),
    Route("list-devices", "GET", "/devices", _WRITE_DEVICES),
    Route("get-managed-device", "GET", _MANAGED, _SEE_MANAGED),
    Route("list-managed-devices", "GET", "/deviceManagement/managedDevices", _SEE_MANAGED),
    Route("get-health-run-device", "GET", _HEALTH_RUN, _SEE_MANAGED, _BETA),
    Route("get-management-run-device", "GET", _MANAGEMENT_RUN, _SEE_MANAGED, _BETA),
    Route("get-compliance-run-device", "GET", _COMPLIANCE_RUN, _SEE_MANAGED, _BETA),
    Route("get-user", "GET", _USER, _SEE_USERS),
    Route("list-memberships", "GET", f"{_USER}/transitiveMemberOf", _SEE_USERS),
    Route(
        "list-group-members", "GET", "/groups/{groupId}/transitiveMembers", "GroupMember.Read.All"
    ),
    Route("list-calendar-view", "GET", f"{_USER}/calendarView", "Calendars.ReadBasic.All"),
)


def _device(name: str, path: str, read: str, *, named: bool = False) -> Write:
    return Write(
        name,
        "PATCH",
        path,
        _WRITE_DEVICES,
        success=204,
        operation="patchDevice",
        body=Body.DEVICE,
        read=read,
        named=named,
    )


def _managed(
    name: str,
    path: str,
    versions: Versions = BOTH,
    read: str = "get-managed-device",
    *,
    official: bool = True,
    named: bool = False,
) -> Write:
    return Write(
        name,
        "PATCH",
        path,
        _WRITE_MANAGED,
        versions,
        operation="patchManagedDevice",
        body=Body.MANAGED_DEVICE,
        read=read,
        instead=None if official else "patch-managed-device",
        named=named,
    )


def _account(
    name: str,
    path: str,
    versions: Versions = BOTH,
    read: str = "get-managed-device",
    *,
    official: bool = True,
    named: bool = False,
) -> Write:
    return Write(
        name,
        "POST",
        f"{path}/updateWindowsDeviceAccount",
        _ACT,
        versions,
        success=204,
        operation="updateDeviceAccount",
        body=Body.ACCOUNT,
        read=read,
        instead=None if official else "update-account",
        named=named,
    )


WRITES = (
    _device("patch-device", _DEVICE, "get-device", named=True),
    _device("patch-device-by-device-id", _DEVICE_BY_DEVICE_ID, "get-device-by-device-id"),
    _managed("patch-managed-device", _MANAGED, named=True),
    _managed("patch-comanaged-device", _COMANAGED, _BETA),
    _managed("patch-user-device", _OF_USER),
    _managed("patch-root-device", "/managedDevices/{rootManagedDeviceId}", _BETA, official=False),
    _managed(
        "patch-management-run-device",
        _MANAGEMENT_RUN,
        _BETA,
        "get-management-run-device",
        official=False,
    ),
    _managed(
        "patch-management-run-app-device", f"{_MANAGEMENT_RUN}{_OF_APP}", _BETA, official=False
    ),
    _account("update-account", _MANAGED, named=True),
    _account("update-comanaged-account", _COMANAGED, _BETA),
    _account("update-user-device-account", _OF_USER),
    _account(
        "update-health-run-account", _HEALTH_RUN, _BETA, "get-health-run-device", official=False
    ),
    _account(
        "update-management-run-account",
        _MANAGEMENT_RUN,
        _BETA,
        "get-management-run-device",
        official=False,
    ),
    _account(
        "update-compliance-run-account",
        _COMPLIANCE_RUN,
        _BETA,
        "get-compliance-run-device",
        official=False,
    ),
    _account(
        "update-management-run-user-device-account",
        f"{_MANAGEMENT_RUN}{_OF_USER}",
        _BETA,
        official=False,
    ),
    _account(
        "update-management-run-app-device-account",
        f"{_MANAGEMENT_RUN}{_OF_APP}",
        _BETA,
        official=False,
    ),
    _account("update-app-device-account", f"/deviceManagement{_OF_APP}", _V1, official=False),
    _account(
        "update-app-device-user-device-account",
        f"/deviceManagement{_OF_APP}{_USER}/managedDevices/{{userManagedDeviceId}}",
        _V1,
        official=False,
    ),
    Write(
        "patch-user",
        "PATCH",
        _USER,
        _WRITE_USERS,
        success=204,
        operation="patchUser",
        body=Body.USER,
        read="get-user",
    ),
    Write(
        "patch-management-run-user",
        "PATCH",
        f"{_MANAGEMENT_RUN}{_USER}",
        _WRITE_MANAGED,
        _BETA,
        operation="patchUser",
        body=Body.USER,
        read="get-user",
        instead="patch-user",
    ),
)

STEPS = (
    Route("reset-password", "PATCH", _USER, "User-PasswordProfile.ReadWrite.All", success=204),
    Route("sync-device", "POST", f"{_MANAGED}/syncDevice", _ACT, success=204),
)
"""Writes that no request asks for by themselves: a rotation takes them."""

ROUTES = {route.name: route for route in (*READS, *WRITES, *STEPS)}

ROUTED = frozenset(write.operation for write in WRITES)
"""The operations that are one write on one route, which follows from their target."""


def write_to(operation: str, target: Iterable[str]) -> Write:
    """The write of this operation that takes exactly these members of a target.

    Where none does, the members are names, and it is the one that takes what they are names of.
    Raises LookupError where there is none either.
    """
    members = set(target)
    writes = [write for write in WRITES if write.operation == operation]
    for write in writes:
        if write.parameters == members:
            return write
    for write in writes:
        if write.named:
            return write
    raise LookupError(f"no route of {operation} takes {sorted(members)}")
