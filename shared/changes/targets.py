"""What a change is made to, in the terms of the route that will carry it.

The members of a target are the parameters of a route in shared/graph/routes.py.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.changes.closest import Closest
from shared.changes.identifiers import AccountName, Guid, Key, UserKey
from shared.changes.names import NamedEntraDevice, NamedManagedDevice


class Model(BaseModel):
    """Base of every part of a request: strict types, no unknown members, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class EntraObject(Model):
    """A device of Microsoft Entra ID by object id: `devices/{id}`."""

    id: Guid


class EntraDevice(Model):
    """A device of Microsoft Entra ID by its other id: `devices(deviceId='{deviceId}')`."""

    deviceId: Guid


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

    account: Annotated[AccountName, StringConstraints(to_lower=True)]


EntraDeviceTarget = Annotated[EntraObject | EntraDevice | NamedEntraDevice, Closest()]
"""What patchDevice takes."""

ManagedDeviceTarget = Annotated[
    ManagedDevice
    | ComanagedDevice
    | UserDevice
    | RootManagedDevice
    | ManagementRun
    | ManagementRunAppDevice
    | NamedManagedDevice,
    Closest(),
]
"""What patchManagedDevice takes."""

AccountTarget = Annotated[
    ManagedDevice
    | ComanagedDevice
    | UserDevice
    | AppDevice
    | AppDeviceUserDevice
    | HealthRun
    | ComplianceRun
    | ManagementRun
    | ManagementRunUserDevice
    | ManagementRunAppDevice
    | NamedManagedDevice,
    Closest(),
]
"""What updateDeviceAccount takes."""

UserTarget = Annotated[User | ManagementRunUser, Closest()]
"""What patchUser takes."""
