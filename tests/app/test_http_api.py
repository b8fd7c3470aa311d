"""The HTTP API as callers see it when they use it rightly, or address it wrongly."""

import uuid

import pytest
from sluice_client import Sluice
from tenant_control import TenantControl


def patch(device: dict[str, object], **properties: object) -> dict[str, object]:
    return {"operation": "patchDevice", "target": {"id": device["id"]}, "set": properties}


def test_a_change_is_accepted_with_its_id_and_where_to_look(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    answer = sluice.post(patch(device, displayName="HUB-NEW"))
    assert answer.status_code == 202
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert document == {"id": document["id"], "state": "accepted", "repeated": False}
    assert answer.headers["Location"] == f"/api/changes/{document['id']}"
    assert int(answer.headers["Retry-After"]) > 0

    change = sluice.wait(document["id"])
    assert change["state"] == "verified"
    assert (change["before"], change["after"]) == (
        {"displayName": "HUB"},
        {"displayName": "HUB-NEW"},
    )
    assert change["source"] == "http"
    assert change["failure"] is None
    assert [step["state"] for step in change["timeline"]] == [
        "accepted",
        "applying",
        "applied",
        "verified",
    ]
