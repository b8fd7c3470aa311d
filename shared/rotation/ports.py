"""The parties of a rotation: the directory, the devices, the calendar. The vault has its own port.

All methods raise Fault, and append the calls that they make to `calls`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from shared.changes.operation import GraphCall, Json
from shared.faults import Permanent
from shared.register.document import DeviceReference

type Calls = list[GraphCall]


class PasswordRejected(Permanent):
    """The directory did not take the password by its own policy. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class DirectoryAccount:
    """An account of Microsoft Entra ID.

    `password_changed_at` is lastPasswordChangeDateTime as Graph tells it, to be compared only.
    """

    id: str
    name: str
    enabled: bool
    synced: bool
    """From an Active Directory on premises, where its password would have to be set."""
    has_roles: bool
    """Whether it holds a directory role, directly or through a group."""
    password_changed_at: str | None


class Directory(Protocol):
    """Microsoft Entra ID."""

    async def account(self, name: str, calls: Calls) -> DirectoryAccount:
        """The account with this user principal name or object id.

        Raises Permanent `account-not-found`.
        """

    async def set_password(self, user_id: str, password: SecretStr, calls: Calls) -> None:
        """Set the password, without asking the user to change it at the next sign-in.

        Raises PasswordRejected.
        """


@dataclass(frozen=True, slots=True)
class Device:
    """A managed device as Intune knows it.

    `seen_at` is when it last reported, `enrolled_at` since when Intune has it. `address` is what
    its changes are kept in order by, see `shared.changes.addresses`. `result` and `began_at` are
    actionState (in lower case) and startDateTime of the last updateDeviceAccount in
    deviceActionResults; empty without one. `os_version` is that of Windows, empty where Intune
    does not tell it.
    """

    id: str
    address: str
    name: str
    operating_system: str
    model: str
    seen_at: datetime | None
    enrolled_at: datetime | None = None
    result: str = ""
    began_at: str = ""
    os_version: str = ""


class Devices(Protocol):
    """Microsoft Intune."""

    async def find(self, reference: DeviceReference, calls: Calls) -> Device:
        """The one device that the reference means.

        Raises Permanent `device-not-found` and `device-ambiguous`.
        """

    async def set_account(
        self,
        device_id: str,
        parameter: Json,
        password: SecretStr,
        calls: Calls,
        *,
        reason: str | None,
        approval_code: str | None,
    ) -> None:
        """Queue updateWindowsDeviceAccount with this parameter, whose account gets the password.

        `parameter` is Graph's, without `deviceAccount.password`. Raises NeedsApproval.
        """

    async def sync(self, device_id: str, calls: Calls) -> None:
        """Ask the device to report to Intune soon, so that it picks up what is queued."""


class Calendar(Protocol):
    """The calendars of rooms."""

    async def busy_until(self, account: str, at: datetime, calls: Calls) -> datetime | None:
        """When the meeting ends that the room is in at that time; None when there is none."""
