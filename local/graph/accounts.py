"""Passwords: what the directory accepts for a user, and what a device signs in with.

Only digests are kept, so that no way out of the stand-in can show a password.
"""

from dataclasses import dataclass

from local.standins.journal import digest


@dataclass(frozen=True, slots=True)
class UserPassword:
    """The directory's side; a user who must change it cannot sign in on a shared device."""

    digest: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class DeviceAccount:
    """The device's side: what an `updateWindowsDeviceAccount` carried."""

    name: str | None
    """User principal name or domain\\user; None for the base type, which cannot name anybody."""
    digest: str | None
    rotates_itself: bool


class Accounts:
    """User passwords by user id, device accounts by managed device id."""

    def __init__(self) -> None:
        self.users: dict[str, UserPassword] = {}
        self.devices: dict[str, DeviceAccount] = {}

    def opens(self, object_id: str, password: str) -> bool:
        """Whether this is the password of that user, or of the account set on that device."""
        known = self.users.get(object_id) or self.devices.get(object_id)
        return known is not None and known.digest == digest(password)

    def admits(self, user_id: str, account: DeviceAccount) -> bool:
        """Whether a device can sign in: the credential test of the SurfaceHub CSP.

        A user whose password the tenant was never told is believed.
        """
        known = self.users.get(user_id)
        return known is None or (known.digest == account.digest and not known.must_change)
