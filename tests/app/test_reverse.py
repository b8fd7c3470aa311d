"""Reversing: the inverse of a verified patch, as a change of its own."""

import uuid
from typing import Any

from asking import patch_managed, set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from simulation.boundary import Boundary
from simulation.scripts import devices, post
from simulation.tenant import Tenant
from simulation.world import Ask, Step, World
from sluice_client import Sluice
from tenant_control import TenantControl

from shared.actions.reverse import reverse


def refused(sluice: Sluice, change: str) -> tuple[int, str]:
    answer = sluice.act(change, "reverse")
    return answer.status_code, answer.json()["errors"][0]["code"]


def reversal(sluice: Sluice, change: str) -> str:
    answer = sluice.act(change, "reverse")
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/changes/{answer.json()['id']}"
    return str(answer.json()["id"])


def applied(sluice: Sluice, request: dict[str, Any]) -> str:
    change = sluice.accepted(request)
    sluice.wait(change, "verified")
    return change


def test_a_reversed_change_has_its_values_of_before_restored(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_managed_device(managedDeviceOwnerType="personal")
    request = patch_managed(device, notes="x", managedDeviceOwnerType="company")
    change = applied(sluice, {**request, "reason": "It moved"})
    inverse = sluice.wait(reversal(sluice, change))
    assert (inverse["state"], inverse["reverses"]) == ("verified", change)
    assert inverse["set"] == {"notes": None, "managedDeviceOwnerType": "personal"}
    assert inverse["reason"] == f"Reverses {change}: It moved"
    stored = graph.stored("managedDevices", device["id"])
    assert (stored["notes"], stored["managedDeviceOwnerType"]) == (None, "personal")
    undone = sluice.wait(change, "reversed")
    assert undone["reversedBy"] == inverse["id"]
    assert [each["state"] for each in queues.outcomes(change)] == ["verified", "reversed"]
    repeated = sluice.act(change, "reverse").json()
    assert repeated == {"id": inverse["id"], "state": "verified", "repeated": True}


def test_a_reversal_can_itself_be_reversed(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    change = applied(sluice, set_attribute(device, "x"))
    inverse = reversal(sluice, change)
    sluice.wait(inverse, "verified")
    sluice.wait(reversal(sluice, inverse), "verified")
    sluice.wait(inverse, "reversed")
    attributes = graph.stored("devices", device["id"])["extensionAttributes"]
    assert attributes["extensionAttribute1"] == "x"


def test_a_reversal_fails_when_the_values_have_changed_since(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    change = applied(sluice, set_attribute(device, "x"))
    applied(sluice, set_attribute(device, "of another change"))
    inverse = sluice.wait(reversal(sluice, change))
    assert (inverse["state"], inverse["failure"]["code"]) == ("failed", "changed-since")
    assert sluice.get(change)["state"] == "verified"
    assert len(graph.effects(device["id"])) == 2


def test_a_reversal_of_what_is_undone_already_writes_nothing(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_managed_device()
    change = applied(sluice, patch_managed(device, notes="x"))
    graph.call("PATCH", f"/objects/managedDevices/{device['id']}", {"notes": None})
    assert sluice.wait(reversal(sluice, change))["state"] == "unchanged"
    assert sluice.get(change)["state"] == "verified"


def test_a_reversal_that_was_cancelled_makes_room_for_one_other(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    change = applied(sluice, set_attribute(device, "x"))
    graph.fault(device["id"], method="PATCH", delaySeconds=1.5)
    target = {"operation": "patchDevice", "target": {"id": device["id"]}}
    under_way = sluice.accepted(target | {"set": {"displayName": "SLOW"}})
    sluice.wait(under_way, "applying")
    given_up = reversal(sluice, change)
    assert reversal(sluice, change) == given_up
    assert sluice.act(given_up, "cancel").status_code == 200
    another = reversal(sluice, change)
    assert reversal(sluice, change) == another != given_up
    assert sluice.wait(another)["state"] == "verified"
    assert sluice.wait(change, "reversed")["reversedBy"] == another
    assert sluice.act(change, "reverse").json()["id"] == another
    assert sluice.get(given_up)["state"] == "cancelled"
    assert len(graph.effects(device["id"])) == 3


async def test_a_reversal_that_nobody_approved_in_time_makes_room_for_one_other() -> None:
    boundary, [device] = Boundary(), devices(1)
    tenant = Tenant(boundary, [device])

    def states(world: World) -> list[str]:
        return [str(each.state) for each in world.operations.all()]

    async def ask(world: World) -> None:
        """Intune wants an approval for the first reversal only."""
        tenant.protected ^= {"change-1"}
        for _ in range(2):
            await reverse(world.bulk.actions, world.bulk.intake, world.answered["change-2"])

    script: list[Step] = [
        post(1, device, "deviceId"),
        post(2, device, "deviceId"),
        Ask(ask, when=lambda world: states(world) == ["verified"] * 2),
        Ask(ask, when=lambda world: "expired" in states(world)),
    ]
    world = await World(boundary, tenant, script, releasing=False).run()
    assert states(world) == ["verified", "reversed", "expired", "verified"]
    assert device.effects == ["change-1", "change-2", "change-1"]


def test_only_a_verified_patch_is_reversed(
    sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> None:
    device, name = graph.add_managed_device(notes="x"), f"hub-{uuid.uuid4()}"
    vault.set_secret(name, "secret")
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": name}}
    nobody = {"id": str(uuid.uuid4())}
    for request, state in (
        (update_account(device, account), "verified"),
        (patch_managed(device, notes="x"), "unchanged"),
        (patch_managed(nobody, notes="x"), "failed"),
        ({**patch_managed(device, notes="y"), "notBefore": "2099-01-01T00:00:00Z"}, "held"),
    ):
        change = sluice.accepted(request)
        sluice.wait(change, state)
        assert refused(sluice, change) == (409, "not-reversible")


def test_values_that_cannot_be_asked_for_are_not_restored(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device(displayName=None)
    request = {
        "operation": "patchDevice",
        "target": {"id": device["id"]},
        "set": {"displayName": "HUB"},
    }
    assert refused(sluice, applied(sluice, request)) == (409, "not-reversible")
