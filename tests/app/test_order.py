"""Changes of one device keep their order and never overlap; those of others do not wait."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from asking import patch_managed, set_attribute
from sluice_client import Sluice
from tenant_control import TenantControl


def writes(graph: TenantControl, *identities: str) -> list[dict[str, Any]]:
    """The writes to a device under any of its ids, as they began."""
    return sorted(
        (entry for each in identities for entry in graph.journal(each, "PATCH")),
        key=lambda entry: float(entry["at"]),
    )


def values(entries: list[dict[str, Any]]) -> list[str]:
    return [
        entry["body"].get("notes") or entry["body"]["extensionAttributes"]["extensionAttribute1"]
        for entry in entries
        if entry["effect"]
    ]


def assert_no_overlap(entries: list[dict[str, Any]]) -> None:
    for one, next_one in pairwise(entries):
        assert one["finishedAt"] <= next_one["at"]


def test_many_changes_of_a_new_device_are_applied_as_they_were_accepted(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", times=None, delaySeconds=0.05)
    wanted = [f"value {n}" for n in range(12)]
    changes = [sluice.accepted(set_attribute(device, value)) for value in wanted]
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 12
    entries = writes(graph, device["id"])
    assert values(entries) == wanted
    assert_no_overlap(entries)


def test_nobody_gets_ahead_of_a_change_that_waits_for_another_try(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="GET", status=429, headers={"Retry-After": "1"})
    graph.fault(device["id"], method="PATCH", status=429, headers={"Retry-After": "1"})
    wanted = ["first", "second", "third"]
    changes = [sluice.accepted(set_attribute(device, value)) for value in wanted]
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 3
    assert values(writes(graph, device["id"])) == wanted


def test_all_ids_of_a_device_lead_to_one_line(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    managed = graph.add_managed_device(azureADDeviceId=device["deviceId"])
    for request in (set_attribute(device, "known"), patch_managed(managed, notes="known")):
        assert sluice.wait(sluice.accepted(request))["state"] == "verified"
    identities = (device["id"], device["deviceId"], managed["id"])
    for identity in identities:
        graph.fault(identity, method="PATCH", times=None, delaySeconds=0.1)
    requests = [
        set_attribute(device, "1"),
        patch_managed(managed, notes="2"),
        set_attribute(device, "3", "deviceId"),
        set_attribute(device, "4"),
        patch_managed(managed, notes="5"),
        set_attribute(device, "6", "deviceId"),
    ]
    changes = [sluice.accepted(request) for request in requests]
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 6
    entries = writes(graph, *identities)[2:]
    assert values(entries) == ["1", "2", "3", "4", "5", "6"]
    assert_no_overlap(entries)


def test_devices_do_not_wait_for_each_other(sluice: Sluice, graph: TenantControl) -> None:
    devices = [graph.add_device() for _ in range(6)]
    for device in devices:
        graph.fault(device["id"], method="PATCH", delaySeconds=1.5)
    changes = [sluice.accepted(set_attribute(device, "x")) for device in devices]
    assert len({sluice.get(change)["lane"] for change in changes}) > 1
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 6
    entries = writes(graph, *(device["id"] for device in devices))
    assert any(one["finishedAt"] > other["at"] for one, other in pairwise(entries))


def test_a_change_that_is_held_keeps_nobody_waiting(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    opens = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    held = sluice.accepted({**set_attribute(device, "later"), "notBefore": opens})
    change = sluice.wait(sluice.accepted(set_attribute(device, "now")))
    assert change["state"] == "verified"
    assert sluice.get(held)["state"] == "held"


def test_the_next_goes_on_when_one_fails(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", status=403)
    first, second = (sluice.accepted(set_attribute(device, value)) for value in ("a", "b"))
    assert sluice.wait(first)["state"] == "failed"
    assert sluice.wait(second)["state"] == "verified"
