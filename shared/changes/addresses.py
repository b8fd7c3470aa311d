"""Addresses: what a target is known by until it is known which device or user it is.

device:<deviceId>     the id that the directory and Intune share; final
user:<object id>      final
entra:, managed:, upn:, run:    to be looked up, see `Effect.device`; the same for ever
name:                 to be looked up as well; may be another device's tomorrow
"""

import hashlib
from collections.abc import Mapping
from typing import Any

_MANAGED = ("userManagedDeviceId", "managedDeviceId", "comanagedDeviceId", "rootManagedDeviceId")
"""The members that name a managed device, the one that is changed before one on the way to it."""
_NAMES = ("imei", "serialNumber", "deviceName", "displayName", "primaryUser")
"""The members that people name a device by, those that tell most first."""


def managed_device_of(target: Mapping[str, Any]) -> str | None:
    """The Intune id of the device that a target is, where the target tells it."""
    return next((str(target[name]) for name in _MANAGED if name in target), None)


def address_of(target: Mapping[str, Any]) -> str:
    """A canonical target as one string, the same for the same identifier of the same thing."""
    if managed := managed_device_of(target):
        return f"managed:{managed}"
    if user := target.get("userId") or target.get("account"):
        # A table key takes no "#" and no backslash, and an account's name has no "=" and no "!".
        key = user.replace("#", "=").replace("\\", "!")
        return f"user:{user}" if _is_id(user) else f"upn:{key}"
    if "deviceRunStateId" in target:
        return "run:" + ",".join(target[name] for name in sorted(target))
    if device := target.get("deviceId") or target.get("azureADDeviceId"):
        return f"device:{device}"
    return f"entra:{target['id']}" if "id" in target else _address_of_name(target)


def _address_of_name(target: Mapping[str, Any]) -> str:
    """Of the name that tells most, as a digest: a name may hold what a table key may not."""
    name = next(name for name in _NAMES if name in target)
    digest = hashlib.sha256(target[name].lower().encode()).hexdigest()[:32]
    return f"name:{name}.{digest}"


def _is_id(user: str) -> bool:
    return "@" not in user and "\\" not in user


def is_final(address: str) -> bool:
    """Whether the address is that of the device or user itself: no look-up tells more."""
    return address.startswith(("device:", "user:"))


def is_name(address: str) -> bool:
    """Whether people gave the device this name, and may give it to another one."""
    return address.startswith("name:")
