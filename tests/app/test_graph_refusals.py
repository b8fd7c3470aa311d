"""What a change ends in when Graph refuses it, from the request to the record."""

from typing import Any

from sluice_client import Sluice
from tenant_control import TenantControl


def rename(device: dict[str, Any]) -> dict[str, object]:
    return {
        "operation": "patchDevice",
        "target": {"id": device["id"]},
        "set": {"displayName": "HUB-NEW"},
    }


def test_a_token_refused_at_the_write_is_replaced_and_the_change_goes_through_at_once(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", status=401)
    change = sluice.wait(sluice.accepted(rename(device)))
    assert change["state"] == "verified"
    assert change["attempts"] == 0
    statuses = [call["status"] for call in change["calls"] if "PATCH" in call["route"]]
    assert statuses == [401, 204]
    assert len(graph.effects(device["id"])) == 1


def test_a_token_refused_twice_ends_the_change(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", status=401, times=2)
    change = sluice.wait(sluice.accepted(rename(device)))
    assert change["state"] == "failed"
    assert change["failure"]["code"].startswith("graph-401")
    assert len(graph.journal(device["id"], "PATCH")) == 2
