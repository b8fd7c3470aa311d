"""`patchUser`: properties of a user, and the order of a user's changes."""

import itertools
import uuid
from datetime import datetime
from typing import Any

import pytest
from deep_targets import Devices, add_user
from sluice_client import Sluice
from tenant_control import TenantControl


def patch(user: str, **properties: Any) -> dict[str, Any]:
    return {"operation": "patchUser", "target": {"userId": user}, "set": properties}


@pytest.mark.parametrize("name", ["id", "userPrincipalName"])
def test_a_user_is_patched_by_object_id_or_by_name(
    sluice: Sluice, graph: TenantControl, name: str
) -> None:
    user = add_user(graph)
    wanted = {"department": "Facilities", "accountEnabled": False, "usageLocation": "AT"}
    change = sluice.wait(sluice.accepted(patch(user[name].upper(), **wanted)))
    assert (change["state"], change["after"]) == ("verified", wanted)
    assert change["before"] == {"department": "AV", "accountEnabled": True, "usageLocation": None}
    assert change["route"] == {"asked": "patch-user", "used": "patch-user", "version": "v1.0"}
    assert graph.stored("users", user["id"])["department"] == "Facilities"
    again = sluice.wait(sluice.accepted(patch(user["id"], **wanted)))
    assert again["state"] == "unchanged"


def test_null_clears_what_can_be_empty(sluice: Sluice, graph: TenantControl) -> None:
    user = add_user(graph)
    change = sluice.wait(sluice.accepted(patch(user["id"], department=None)))
    assert (change["state"], change["after"]) == ("verified", {"department": None})


def test_a_name_with_every_character_that_entra_allows_finds_its_user(
    sluice: Sluice, graph: TenantControl
) -> None:
    name = f"o'brien_x.y-{uuid.uuid4().hex[:6]}!^~#ext#@contoso.example"
    user = add_user(graph, userPrincipalName=name)
    change = sluice.wait(sluice.accepted(patch(name, jobTitle="Guest")))
    assert change["state"] == "verified"
    assert graph.stored("users", user["id"])["jobTitle"] == "Guest"


@pytest.mark.parametrize(
    "name",
    (
        "aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities "
        "schools skills id userPrincipalName proxyAddresses"
    ).split(),
)
def test_what_an_application_cannot_write_is_refused_with_the_reason(
    sluice: Sluice, name: str
) -> None:
    answer = sluice.post(patch(str(uuid.uuid4()), **{name: "x"}))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (422, "property-not-writable")
    assert error["pointer"] == f"/set/{name}"
    assert len(error["detail"]) > 20


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"passwordProfile": {"password": "x"}}, "password-in-request"),
        ({"passwordPolicies": "DisablePasswordExpiration"}, "password-in-request"),
        ({"displayName": None}, "wrong-type"),
        ({"usageLocation": "de"}, "invalid-value"),
        ({"department": ""}, "invalid-value"),
        ({"accountEnabled": "true"}, "wrong-type"),
        ({"ageGroup": "Old"}, "invalid-value"),
        ({"colour": "red"}, "unknown-member"),
        ({}, "nothing-to-set"),
    ],
)
def test_a_malformed_user_is_refused(sluice: Sluice, properties: dict[str, Any], code: str) -> None:
    answer = sluice.post(patch(str(uuid.uuid4()), **properties))
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]


def test_the_user_behind_a_run_is_patched_on_the_official_route_when_asked(
    sluice: Sluice, graph: TenantControl
) -> None:
    devices = Devices(graph)
    target = {**devices.script_run, "userId": devices.user["id"]}
    request = patch("", department="Rooms") | {"target": target}
    refused = sluice.post(request)
    assert refused.json()["errors"][0]["code"] == "unofficial-route"
    change = sluice.wait(sluice.accepted(request | {"rewriteToOfficialRoute": True}))
    assert change["state"] == "verified"
    assert change["route"] == {
        "asked": "patch-management-run-user",
        "used": "patch-user",
        "version": "beta",
    }
    failed = sluice.wait(
        sluice.accepted(request | {"set": {"city": "Ulm"}, "allowUnofficialRoute": True})
    )
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "route-not-served")


def test_changes_of_one_user_keep_their_order_whichever_way_the_user_is_named(
    sluice: Sluice, graph: TenantControl
) -> None:
    user = add_user(graph)
    name, object_id = user["userPrincipalName"], user["id"]
    sluice.wait(sluice.accepted(patch(name, city="Ulm")))  # now Sluice knows whose name it is
    graph.fault(f"/users/{object_id}", method="PATCH", status=503, times=2)
    first = sluice.accepted(patch(object_id, city="Bonn"))
    sluice.wait(first, "applying")
    later = [sluice.accepted(patch(who, city=to)) for who, to in ((name, "Kiel"), (object_id, "X"))]
    ended = [sluice.wait(change) for change in (first, *later)]
    assert [change["before"]["city"] for change in ended] == ["Ulm", "Bonn", "Kiel"]
    for earlier, after in itertools.pairwise(ended):
        began = next(step for step in after["timeline"] if step["state"] == "applying")
        assert _at(began) >= _at(earlier["timeline"][-1])


def _at(step: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])
