"""Scripts: what is asked of Sluice in a history."""

import random
import uuid

from shared.graph.catalogue import GraphCatalogue
from shared.graph.effects import Reading
from shared.planning.plan import plan_of
from simulation.boundary import Boundary
from simulation.tenant import Device, MemoryVault, Tenant
from simulation.world import Post

IN_INTUNE = ("managedDeviceId", "deviceName", "serialNumber")
KINDS = ("id", "deviceId", "displayName", *IN_INTUNE, "account")


def devices(count: int) -> list[Device]:
    """Devices whose three ids are the same in every history."""
    ids = random.Random(7)
    return [
        Device(
            *(str(uuid.UUID(int=ids.getrandbits(128), version=4)) for _ in range(3)),
            name=f"HUB {number}",
            serial=f"SN{number}",
        )
        for number in range(count)
    ]


def post(number: int, device: Device, kind: str) -> Post:
    """The change with that number; what it writes names it."""
    if kind == "account":
        key = f"change-{number}@example.com"
        account = {"userPrincipalName": key, "passwordSecret": {"name": "hub"}}
        target = {"managedDeviceId": device.managed_id}
        body = {"operation": "updateDeviceAccount", "set": {"deviceAccount": account}}
        return Post(key, {**body, "target": target})
    key = f"change-{number}"
    values = {
        "id": device.object_id,
        "deviceId": device.device_id,
        "managedDeviceId": device.managed_id,
        "deviceName": device.name,
        "displayName": device.name,
        "serialNumber": device.serial,
    }
    target: dict[str, str] = {kind: values[kind]}
    if kind in IN_INTUNE:
        properties = {"notes": key}
        return Post(key, {"operation": "patchManagedDevice", "target": target, "set": properties})
    attributes = {"extensionAttributes": {"extensionAttribute1": key}}
    return Post(key, {"operation": "patchDevice", "target": target, "set": attributes})


def planned(asked: Post) -> Post:
    """The change with the hash of its plan for a device that nobody has changed yet."""
    effect = GraphCatalogue(Tenant(Boundary(), []), MemoryVault()).effect(asked.body)  # type: ignore[arg-type]
    untouched = Reading({}, "Windows" if asked.body["operation"] == "patchDevice" else None)
    plan = plan_of(effect, untouched, effect.needed(untouched))
    return Post(asked.key, asked.body | {"plan": plan.hash})
