"""What a change is made to, in the terms of the route that will carry it."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Guid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True
    ),
]


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

    @property
    def address(self) -> str:
        """The target as one string, the same for the same identifier."""
        return f"entra:{self.id}" if self.id else f"device:{self.deviceId}"


class ManagedDevice(Model):
    """A device of Microsoft Intune: `deviceManagement/managedDevices/{managedDeviceId}`."""

    managedDeviceId: Guid

    @property
    def address(self) -> str:
        """The target as one string, the same for the same identifier."""
        return f"managed:{self.managedDeviceId}"
