"""Reversing: the inverse of a verified patch, as a change of its own."""

import uuid
from typing import Any

from asking import patch_managed, set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl


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
