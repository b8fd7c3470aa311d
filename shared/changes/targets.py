"""What a change is made to, in the terms of the route that will carry it.

The members of a target are the parameters of a route in shared/graph/routes.py.
"""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

Guid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True
    ),
]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z][0-9a-zA-Z:_.-]{0,254}$")]
"""An id that Graph documents as an opaque text: of a run state (often two GUIDs), of an app."""
UserKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
        r"|[0-9a-zA-Z'._!#^~-]+@[0-9a-zA-Z.-]+)$",
        to_lower=True,
        max_length=320,
    ),
]
"""The object id of a user or the user principal name, in the characters that Entra allows."""


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


class ComanagedDevice(Model):
    """One that Configuration Manager manages as well: `deviceManagement/comanagedDevices/{…}`."""

    comanagedDeviceId: Guid


class RootManagedDevice(Model):
    """An Intune device on a route that Graph had once: `managedDevices/{rootManagedDeviceId}`."""

    rootManagedDeviceId: Guid


class UserDevice(ManagedDevice):
    """An Intune device through its user: `users/{userId}/managedDevices/{managedDeviceId}`."""

    userId: UserKey


class AppDevice(ManagedDevice):
    """An Intune device through an app that was detected on it."""

    detectedAppId: Key


class AppDeviceUserDevice(AppDevice):
    """A device of the user of such a device. `userManagedDeviceId` is the one that is changed."""

    userId: UserKey
    userManagedDeviceId: Guid


class HealthRun(Model):
    """The Intune device behind a run of a remediation."""

    deviceHealthScriptId: Guid
    deviceRunStateId: Key


class ComplianceRun(Model):
    """The Intune device behind a run of a compliance script."""

    deviceComplianceScriptId: Guid
    deviceRunStateId: Key


class ManagementRun(Model):
    """The Intune device behind a run of a platform script."""

    deviceManagementScriptId: Guid
    deviceRunStateId: Key


class ManagementRunUser(ManagementRun):
    """A user of the device behind such a run."""

    userId: UserKey


class ManagementRunUserDevice(ManagementRunUser):
    """A device of a user of the device behind such a run."""

    managedDeviceId: Guid


class ManagementRunAppDevice(ManagementRun):
    """A device with an app that was detected on the device behind such a run."""

    detectedAppId: Key
    managedDeviceId: Guid


class User(Model):
    """A user of Microsoft Entra ID, by object id or user principal name: `users/{userId}`."""

    userId: UserKey


class RegisteredAccount(Model):
    r"""A device account of the register, by its name: a user principal name or domain\user."""

    account: Annotated[
        str,
        StringConstraints(
            pattern=r"^([0-9a-zA-Z'._!#^~-]+@[0-9a-zA-Z.-]+"
            r"|[0-9a-zA-Z.-]{1,255}\\[^\\/\s@]{1,104})$",
            to_lower=True,
            max_length=320,
        ),
    ]


def _closest(*kinds: type[Model]) -> Discriminator:
    """Tells the kind that a target is meant to be by its members: few unknown, then few missing."""

    def kind(target: Any) -> str:
        if isinstance(target, Model):
            return type(target).__name__
        names = target.keys() if isinstance(target, dict) else frozenset()
        known = {kind.__name__: kind.model_fields.keys() for kind in kinds}
        return min(known, key=lambda name: (len(names - known[name]), len(known[name] - names)))

    return Discriminator(kind)


ManagedDeviceTarget = Annotated[
    Annotated[ManagedDevice, Tag("ManagedDevice")]
    | Annotated[ComanagedDevice, Tag("ComanagedDevice")]
    | Annotated[UserDevice, Tag("UserDevice")]
    | Annotated[RootManagedDevice, Tag("RootManagedDevice")]
    | Annotated[ManagementRun, Tag("ManagementRun")]
    | Annotated[ManagementRunAppDevice, Tag("ManagementRunAppDevice")],
    _closest(
        ManagedDevice,
        ComanagedDevice,
        UserDevice,
        RootManagedDevice,
        ManagementRun,
        ManagementRunAppDevice,
    ),
]
"""What patchManagedDevice takes."""

AccountTarget = Annotated[
    Annotated[ManagedDevice, Tag("ManagedDevice")]
    | Annotated[ComanagedDevice, Tag("ComanagedDevice")]
    | Annotated[UserDevice, Tag("UserDevice")]
    | Annotated[AppDevice, Tag("AppDevice")]
    | Annotated[AppDeviceUserDevice, Tag("AppDeviceUserDevice")]
    | Annotated[HealthRun, Tag("HealthRun")]
    | Annotated[ComplianceRun, Tag("ComplianceRun")]
    | Annotated[ManagementRun, Tag("ManagementRun")]
    | Annotated[ManagementRunUserDevice, Tag("ManagementRunUserDevice")]
    | Annotated[ManagementRunAppDevice, Tag("ManagementRunAppDevice")],
    _closest(
        ManagedDevice,
        ComanagedDevice,
        UserDevice,
        AppDevice,
        AppDeviceUserDevice,
        HealthRun,
        ComplianceRun,
        ManagementRun,
        ManagementRunUserDevice,
        ManagementRunAppDevice,
    ),
]
"""What updateDeviceAccount takes."""

UserTarget = Annotated[
    Annotated[User, Tag("User")] | Annotated[ManagementRunUser, Tag("ManagementRunUser")],
    _closest(User, ManagementRunUser),
]
"""What patchUser takes."""
