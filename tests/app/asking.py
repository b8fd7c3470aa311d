"""Requests as callers write them."""

from typing import Any


def patch_device(device: dict[str, Any], form: str = "id", **properties: Any) -> dict[str, Any]:
    """Patch an Entra device, named by `id` or by `deviceId`."""
    return {"operation": "patchDevice", "target": {form: device[form]}, "set": properties}


def set_attribute(device: dict[str, Any], value: str, form: str = "id") -> dict[str, Any]:
    """Patch one extension attribute."""
    return patch_device(device, form, extensionAttributes={"extensionAttribute1": value})


def patch_managed(device: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Patch an Intune device."""
    target = {"managedDeviceId": device["id"]}
    return {"operation": "patchManagedDevice", "target": target, "set": properties}


def update_account(
    device: dict[str, Any], account: dict[str, Any], **settings: Any
) -> dict[str, Any]:
    """Set the account of an Intune device."""
    target = {"managedDeviceId": device["id"]}
    members = {"deviceAccount": account, **settings}
    return {"operation": "updateDeviceAccount", "target": target, "set": members}
