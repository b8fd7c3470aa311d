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


@pytest.mark.parametrize("change", ["", "x", "..", "%00", "a" * 3000, "7", "%F0%9F%92%A9", "null"])
def test_an_id_that_is_no_guid_is_not_found(sluice: Sluice, change: str) -> None:
    answer = sluice.http.get(f"/changes/{change}")
    assert answer.status_code == 404


def test_a_guid_that_names_no_change_is_not_found(sluice: Sluice) -> None:
    answer = sluice.http.get(f"/changes/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:sluice:problem:unknown-change"


def test_an_id_is_found_however_its_guid_is_spelt(sluice: Sluice, graph: TenantControl) -> None:
    change = sluice.accepted(patch(graph.add_device(), displayName="HUB-NEW"))
    assert sluice.get(change.upper())["id"] == change


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/changes"),
        ("PUT", "/changes"),
        ("DELETE", f"/changes/{uuid.UUID(int=0)}"),
        ("POST", f"/changes/{uuid.UUID(int=0)}"),
        ("POST", "/health"),
        ("GET", "/"),
        ("GET", "/change"),
        ("POST", "/changes/1/2"),
    ],
)
def test_another_method_or_route_is_not_found(sluice: Sluice, method: str, path: str) -> None:
    # 404 and not 405: to the Functions host a method is a part of the route.
    assert sluice.http.request(method, path).status_code == 404


@pytest.mark.parametrize("key", [None, "", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/changes"), ("GET", f"/changes/{uuid.UUID(int=0)}"), ("GET", "/health/details")],
)
def test_all_but_health_and_the_description_is_closed_to_whoever_has_no_function_key(
    sluice: Sluice, method: str, path: str, key: str | None
) -> None:
    request = sluice.http.build_request(method, path)
    del request.headers["x-functions-key"]
    if key is not None:
        request.headers["x-functions-key"] = key
    assert sluice.http.send(request).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/openapi.json"])
def test_health_and_the_description_are_open(sluice: Sluice, path: str) -> None:
    request = sluice.http.build_request("GET", path)
    del request.headers["x-functions-key"]
    assert sluice.http.send(request).status_code == 200
