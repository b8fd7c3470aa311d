"""What a change is made to, in the terms of the route that will carry it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Guid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True
    ),
]


_ADDRESSES = {"id": "entra", "deviceId": "device", "managedDeviceId": "managed"}
"""Per identifier, what stands before it in an address."""


def address_of(target: Mapping[str, Any]) -> str:
    """A canonical target as one string, the same for the same identifier."""
    [(name, value)] = target.items()
    return f"{_ADDRESSES[name]}:{value}"


class Model(BaseModel):
    """Base of every part of a request: strict types, no unknown members, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class EntraDevice(Model):
    """A device of Microsoft Entra ID, by object id or by device id.

    `id` addresses `devices/{id}`, `deviceId` addresses `devices(deviceId='{deviceId}')`
    (Microsoft Graph, Update device). They are two different GUIDs of one device.
    """

    id: Guid | None = None
    deviceId: Guid | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.id is None) == (self.deviceId is None):
            raise PydanticCustomError("one_identifier", "Give exactly one of id and deviceId.")
        return self


class ManagedDevice(Model):
    """A device of Microsoft Intune: `deviceManagement/managedDevices/{managedDeviceId}`."""

    managedDeviceId: Guid
