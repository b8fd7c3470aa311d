"""The hash of a plan binds a change to it."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from asking import patch_device, patch_managed, set_attribute
from planning import account, dry_run
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

ROOT = Path(__file__).parents[2]


def documented_hash(plan: dict[str, Any]) -> str:
    """The hash of a plan, by the recipe in docs/changes.md."""

    def in_order(value: Any) -> Any:
        return sorted(value) if isinstance(value, list) else value

    hashed = {
        "route": plan["route"]["used"],
        "version": plan["route"]["version"],
        "target": plan["target"],
        "basis": plan["basis"],
        "changes": [
            {name: in_order(value) for name, value in change.items()}
            for change in sorted(plan["changes"], key=lambda change: str(change["property"]))
        ],
    }
    text = json.dumps(hashed, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def test_the_hash_follows_from_the_plan_as_it_is_documented(
    sluice: Sluice, graph: TenantControl, secret: str
) -> None:
    managed = graph.add_managed_device(roleScopeTagIds=["7", "0"])
    tags = patch_managed(managed, roleScopeTagIds=["9", "8"], notes="é\n☃") | {"version": "beta"}
    example = (ROOT / "docs" / "changes.md").read_text().partition("## Dry run")[2]
    for planned in (
        dry_run(sluice, patch_device(graph.add_device(), displayName="A", accountEnabled=False)),
        dry_run(sluice, tags),
        dry_run(sluice, account(managed, secret)),
        json.loads(example.split("```")[1].removeprefix("json")),
    ):
        assert planned["hash"] == documented_hash(planned["plan"])


def test_a_change_goes_through_as_planned(
    sluice: Sluice, graph: TenantControl, secret: str
) -> None:
    for request in (
        set_attribute(graph.add_device(), "x"),
        patch_device(graph.add_device(), displayName="HUB"),
        patch_managed(graph.add_managed_device(), notes="x"),
        account(graph.add_managed_device(), secret),
    ):
        planned = dry_run(sluice, request)
        change = sluice.wait(sluice.accepted(request | {"plan": planned["hash"]}))
        wanted = {"write": "verified", "unchanged": "unchanged"}[planned["plan"]["effect"]]
        assert (change["state"], change["plan"]) == (wanted, planned["hash"])


@pytest.mark.parametrize("value", ["another", "NEW"])
def test_a_change_of_a_device_that_has_changed_since_its_plan_is_not_made(
    sluice: Sluice, graph: TenantControl, queues: Queues, value: str
) -> None:
    device = graph.add_device()
    request = patch_device(device, displayName="NEW")
    planned = dry_run(sluice, request)
    assert sluice.wait(sluice.accepted(patch_device(device, displayName=value)), "verified")

    change = sluice.accepted(request | {"plan": planned["hash"]})
    failed = sluice.wait(change)
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "plan-changed")
    assert queues.dead_change(change)
    assert len(graph.journal(device["id"], "PATCH")) == 1, "that of the other change"

    told = dry_run(sluice, request | {"plan": planned["hash"]})
    assert (told["plan"]["effect"], told["plan"]["code"]) == ("refused", "plan-changed")
    again = sluice.accepted(request | {"plan": told["hash"]})
    assert sluice.wait(again)["state"] == ("unchanged" if value == "NEW" else "verified")


def test_what_else_has_changed_on_the_device_does_not_matter_to_a_plan(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    request = patch_device(device, displayName="NEW")
    planned = dry_run(sluice, request)
    sluice.wait(sluice.accepted(set_attribute(device, "x")), "verified")
    change = sluice.accepted(request | {"plan": planned["hash"]})
    assert sluice.wait(change)["state"] == "verified"


def test_the_plan_of_an_account_ends_with_another_action_on_its_device(
    sluice: Sluice, graph: TenantControl, secret: str
) -> None:
    device = graph.add_managed_device()
    request = account(device, secret)
    planned = dry_run(sluice, request)
    sluice.wait(sluice.accepted(request), "verified")
    failed = sluice.wait(sluice.accepted(request | {"plan": planned["hash"]}))
    assert failed["failure"]["code"] == "plan-changed"
    assert len(graph.journal(device["id"], "POST")) == 1


def test_a_change_as_planned_goes_through_although_its_first_write_was_refused_or_lost(
    sluice: Sluice, graph: TenantControl, secret: str
) -> None:
    entra, managed = graph.add_device(), graph.add_managed_device()
    for device, method, request in (
        (entra, "PATCH", set_attribute(entra, "x")),
        (managed, "POST", account(managed, secret)),
    ):
        planned = dry_run(sluice, request)
        graph.fault(device["id"], method=method, status=429)
        graph.fault(device["id"], method=method, drop="after")
        change = sluice.wait(sluice.accepted(request | {"plan": planned["hash"]}))
        assert change["state"] == "verified", change["failure"]
        assert len(graph.effects(device["id"])) == 1


def test_the_plan_is_a_part_of_the_request_that_a_key_stands_for(
    sluice: Sluice, graph: TenantControl
) -> None:
    request = set_attribute(graph.add_device(), "x")
    planned = request | {"plan": dry_run(sluice, request)["hash"]}
    key = f"CHG-{uuid.uuid4()}"
    change = sluice.accepted(planned, key=key)
    assert sluice.accepted(planned, key=key) == change
    other = sluice.post(request, key=key)
    assert other.json()["type"] == "urn:sluice:problem:key-reused"
