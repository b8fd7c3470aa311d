"""The application permissions that operations need, least privilege first."""

from collections.abc import Iterable

from shared.graph.routes import ROUTES, WRITES

type Need = tuple[str, ...]
"""Any one of these permissions will do; the first is the least of them."""

_HIGHER = {
    "Device.ReadWrite.All": ("Directory.ReadWrite.All",),
    "DeviceManagementManagedDevices.Read.All": ("DeviceManagementManagedDevices.ReadWrite.All",),
    "User.ReadWrite.All": ("Directory.ReadWrite.All",),
}
"""Per least privileged permission of a route, the higher ones that Graph accepts in its place.

Source: the permission tables of "Update device", "Get managedDevice" and "Update user".
"""


def needs_of(operations: Iterable[str], *, unofficial: bool) -> frozenset[Need]:
    """What the routes of these operations need, the reads included.

    `unofficial` counts the routes that Microsoft's description does not have as well.
    """
    enabled = set(operations)
    writes = [
        write for write in WRITES if write.operation in enabled and (unofficial or write.official)
    ]
    routes = [*writes, *(ROUTES[write.read] for write in writes)]
    return frozenset((route.permission, *_HIGHER.get(route.permission, ())) for route in routes)
