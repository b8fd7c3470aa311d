"""What the devices and accounts of a change are known by, for those who decide by names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

_DEVICE = frozenset(
    "id deviceId azureADDeviceId managedDeviceId userManagedDeviceId comanagedDeviceId "
    "rootManagedDeviceId serialNumber deviceName displayName imei".split()
)
_ACCOUNT = frozenset("userId primaryUser account".split())
"""The members of targets that name a device, or a user."""


@dataclass(frozen=True, slots=True)
class KnownAs:
    """Ids and names of devices; object ids and user principal names of accounts."""

    devices: frozenset[str] = field(default_factory=frozenset)
    accounts: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: Self) -> "KnownAs":
        return KnownAs(self.devices | other.devices, self.accounts | other.accounts)

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "KnownAs":
        """As a canonical request has it: its target, and the account that it sets on a device."""
        target = request["target"]
        return cls(
            frozenset(str(target[name]) for name in target.keys() & _DEVICE),
            frozenset(str(target[name]) for name in target.keys() & _ACCOUNT)
            | _account_that_is_set(request),
        )

    @classmethod
    def at(cls, address: str) -> "KnownAs":
        """As an address has it, see `shared.changes.addresses`."""
        kind, _, known = address.partition(":")
        return cls(accounts=frozenset((known,))) if kind == "user" else cls(frozenset((known,)))


def _account_that_is_set(request: Mapping[str, Any]) -> frozenset[str]:
    account = request.get("set", {}).get("deviceAccount") or {}
    if name := account.get("userPrincipalName"):
        return frozenset((name,))
    if name := account.get("userName"):
        return frozenset((f"{account.get('domainName')}\\{name}",))
    return frozenset()
