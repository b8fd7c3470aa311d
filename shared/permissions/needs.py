"""The application permissions that operations need, least privilege first."""

from collections.abc import Iterable

from shared.graph.route import Route
from shared.graph.routes import ROUTES, WRITES

ROTATION = "rotateDeviceAccount"
_ROTATION_ROUTES = (
    "get-user",
    "list-memberships",
    "reset-password",
    "get-managed-device",
    "list-managed-devices",
    "update-account",
    "sync-device",
)
_ROTATION_MAY_USE = ("list-calendar-view", "list-group-members")

type Need = tuple[str, ...]
"""Any one of these permissions will do; the first is the least of them."""

_HIGHER = {
    "Device.ReadWrite.All": ("Directory.ReadWrite.All",),
    "DeviceManagementManagedDevices.Read.All": ("DeviceManagementManagedDevices.ReadWrite.All",),
    "User.ReadWrite.All": ("Directory.ReadWrite.All",),
    "User.Read.All": ("Directory.Read.All", "Directory.ReadWrite.All"),
    "get-user": ("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
    "GroupMember.Read.All": (
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
    ),
    "Calendars.ReadBasic.All": ("Calendars.Read", "Calendars.ReadWrite"),
}
"""Per least privileged permission, or per route that takes others: the higher ones that Graph
accepts in its place. Nothing stands in for User-PasswordProfile.ReadWrite.All.

Source: the permission tables of "Update device", "Get managedDevice", "Update user", "Get a user",
"List a user's memberships (direct and transitive)", "List group transitive members", "Get device"
and "List calendarView".
"""

_DEVICES_OF_A_GROUP: Need = (
    "Device.Read.All",
    "Device.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
)
"""Without it a group's members that are devices are told without their ids."""


def needs_of(operations: Iterable[str], *, unofficial: bool) -> frozenset[Need]:
    """What the routes of these operations need, the reads and steps included.

    `unofficial` counts the routes that Microsoft's description does not have as well.
    """
    enabled = set(operations)
    writes = [
        write for write in WRITES if write.operation in enabled and (unofficial or write.official)
    ]
    routes: list[Route] = [*writes, *(ROUTES[write.read] for write in writes)]
    if ROTATION in enabled:
        routes += [ROUTES[name] for name in _ROTATION_ROUTES]
    return frozenset(_need(route) for route in routes)


def may_need(operations: Iterable[str]) -> frozenset[Need]:
    """What they need only where somebody asks for it.

    A rotation that heeds meetings, and rows of the register that are proposed from a group.
    """
    if ROTATION not in set(operations):
        return frozenset()
    return frozenset({_DEVICES_OF_A_GROUP, *(_need(ROUTES[name]) for name in _ROTATION_MAY_USE)})


def _need(route: Route) -> Need:
    higher = _HIGHER.get(route.name) or _HIGHER.get(route.permission, ())
    return (route.permission, *higher)
