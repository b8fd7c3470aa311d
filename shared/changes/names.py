"""Targets as people name them; see `shared.graph.names` for how they are looked up.

Members that stand together have to agree. Each form also takes the ids that a route takes, so that
a name can be held against an id.
"""

from typing import Any, TypedDict

from pydantic import ConfigDict, with_config

from shared.changes.identifiers import DeviceId, Guid, Imei, Name, UserPrincipalName
from shared.changes.properties import STRICT


def _with_one_of(*members: str) -> ConfigDict:
    """Says in the schema what tells it from a target in ids."""

    def needs_one(schema: dict[str, Any]) -> None:
        schema["anyOf"] = [{"required": together.split()} for together in members]

    return ConfigDict(**STRICT, json_schema_extra=needs_one)


@with_config(_with_one_of("id deviceId", "displayName", "serialNumber", "imei", "primaryUser"))
class NamedEntraDevice(TypedDict, total=False):
    """A device of Microsoft Entra ID, by its ids and name there or by what Intune knows of it."""

    id: Guid
    deviceId: DeviceId
    displayName: Name
    serialNumber: Name
    imei: Imei
    primaryUser: UserPrincipalName


@with_config(_with_one_of("azureADDeviceId", "serialNumber", "deviceName", "imei", "primaryUser"))
class NamedManagedDevice(TypedDict, total=False):
    """A device of Microsoft Intune; `primaryUser` is the user principal name of its user."""

    managedDeviceId: Guid
    azureADDeviceId: DeviceId
    serialNumber: Name
    deviceName: Name
    imei: Imei
    primaryUser: UserPrincipalName
