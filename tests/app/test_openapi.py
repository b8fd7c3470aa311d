"""The description of the API is valid, complete, and true of what is answered."""

import uuid
from typing import Any

import httpx
import pytest
from asking import patch_managed, set_attribute
from bulk_client import accepted_bulk, act_bulk, add_devices, bulk_request, post_bulk
from jsonschema import Draft202012Validator, FormatChecker
from malformed import ACCOUNT, DOCUMENTS, LARGEST, MANAGED, MEMBERS, PASSWORDS, PATCH, USER, padded
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from function_app import app
from shared.openapi.document import document

METHODS = {"get", "put", "post", "patch", "delete", "options"}


@pytest.fixture(scope="module")
def description(sluice: Sluice) -> dict[str, Any]:
    answer = sluice.http.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def validator(description: dict[str, Any], schema: str) -> Draft202012Validator:
    root = {"$ref": f"#/components/schemas/{schema}", "components": description["components"]}
    return Draft202012Validator(root, format_checker=FormatChecker())


def holds(description: dict[str, Any], path: str, method: str, answer: httpx.Response) -> None:
    """Check an answer against what the description says of its status."""
    said = description["paths"][path][method]["responses"][str(answer.status_code)]
    [(media_type, content)] = said["content"].items()
    assert answer.headers["Content-Type"] == media_type
    schema = content["schema"]["$ref"].rpartition("/")[2]
    validator(description, schema).validate(answer.json())
    for header in said.get("headers", ()):
        assert header in answer.headers


def test_the_description_is_valid_openapi(description: dict[str, Any]) -> None:
    validate(description, cls=OpenAPIV31SpecValidator)
    for name in description["components"]["schemas"]:
        validator(description, name).check_schema(description["components"]["schemas"][name])


def test_it_names_exactly_the_routes_and_methods_of_the_app(description: dict[str, Any]) -> None:
    described = {
        (path, method): operation["operationId"]
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    triggers = {
        (f"/{trigger['route']}", method.lower()): function.get_function_name()
        for function in app.get_functions()
        for trigger in [function.get_trigger().get_dict_repr()]
        if trigger["type"] == "httpTrigger"
        for method in map(str, trigger["methods"])
    }
    assert described == {
        (path, method.rpartition(".")[2]): name for (path, method), name in triggers.items()
    }


def test_it_says_which_routes_need_a_key(description: dict[str, Any], sluice: Sluice) -> None:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            needs_key = operation.get("security", description["security"]) != []
            url = path.replace("{id}", str(uuid.UUID(int=0))).replace("{source}", "jira")
            request = sluice.http.build_request(method.upper(), url)
            del request.headers["x-functions-key"]
            refused = sluice.http.send(request).status_code == 401
            assert refused == needs_key, path


@pytest.mark.parametrize(
    "good", [PATCH, MANAGED, ACCOUNT, USER], ids=lambda good: good["operation"]
)
def test_a_good_request_is_good_by_the_description(
    description: dict[str, Any], good: dict[str, Any]
) -> None:
    validator(description, "ChangeRequest").validate(good)


def test_what_the_description_forbids_is_refused(description: dict[str, Any]) -> None:
    schema = validator(description, "ChangeRequest")
    for request in ({}, PATCH | {"extra": 1}, PATCH | {"operation": "wipe"}, PATCH | {"set": 1}):
        assert not schema.is_valid(request)


def test_an_accepted_change_is_answered_as_described(
    description: dict[str, Any], sluice: Sluice
) -> None:
    answer = sluice.post(PATCH)
    assert answer.status_code == 202
    holds(description, "/changes", "post", answer)


def test_a_dry_run_is_answered_as_described(
    description: dict[str, Any], sluice: Sluice, graph: TenantControl
) -> None:
    device, managed = graph.add_device()["deviceId"], graph.add_managed_device()["id"]
    for request in (
        PATCH,
        PATCH | {"target": {"deviceId": device}},
        ACCOUNT | {"target": {"managedDeviceId": managed}},
    ):
        answer = sluice.post(request | {"dryRun": True})
        assert answer.status_code == 200
        holds(description, "/changes", "post", answer)


@pytest.mark.parametrize("found", ["verified", "unchanged", "failed", "held"])
def test_a_change_is_shown_as_described(
    description: dict[str, Any], sluice: Sluice, graph: TenantControl, found: str
) -> None:
    device = graph.add_device()
    request: dict[str, Any] = {
        "operation": "patchDevice",
        "target": {"id": device["id"] if found != "failed" else str(uuid.uuid4())},
        "set": {"displayName": "HUB" if found == "unchanged" else "HUB-NEW"},
        "reason": "A reason",
        "ticket": {"source": "servicenow", "id": "1", "number": "CHG1"},
    }
    if found == "verified":
        request["plan"] = sluice.post(request | {"dryRun": True}).json()["hash"]
    if found == "held":
        request["notBefore"] = "2099-01-01T00:00:00Z"
    change = sluice.accepted(request, key=str(uuid.uuid4()))
    sluice.wait(change, found)
    holds(description, "/changes/{id}", "get", sluice.http.get(f"/changes/{change}"))


def test_actions_are_answered_as_described(
    description: dict[str, Any], sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_managed_device()
    graph.protect(device["id"])
    request = patch_managed(device, notes="x") | {"reason": "A reason"}
    change = sluice.accepted(request)
    sluice.wait(change, "held")
    holds(description, "/changes/{id}", "get", sluice.http.get(f"/changes/{change}"))
    for action, options in (
        ("reverse", None),
        ("release", None),
        ("cancel", {"extra": True}),
    ):
        path = f"/changes/{{id}}/{action}"
        holds(description, path, "post", sluice.act(change, action, options))
        holds(description, path, "post", sluice.act(str(uuid.uuid4()), action))
    sluice.wait(change, "held")
    holds(description, "/changes/{id}/cancel", "post", sluice.act(change, "cancel"))
    done = sluice.accepted(set_attribute(graph.add_device(), "x"))
    sluice.wait(done, "verified")
    holds(description, "/changes/{id}/reverse", "post", sluice.act(done, "reverse"))


def test_a_bulk_change_is_answered_as_described(
    description: dict[str, Any], sluice: Sluice, graph: TenantControl
) -> None:
    path = "/bulk-changes/{id}"
    request = bulk_request(add_devices(graph, 2), notBefore="2099-01-01T00:00:00Z")
    validator(description, "BulkRequest").validate(request)
    for body in (request, {**request, "dryRun": True}, {**request, "targets": []}):
        holds(description, "/bulk-changes", "post", post_bulk(sluice, body))
    bulk = accepted_bulk(sluice, request)
    holds(description, path, "get", sluice.http.get(f"/bulk-changes/{bulk}"))
    holds(description, path, "get", sluice.http.get(f"/bulk-changes/{uuid.uuid4()}"))
    for query in ({}, {"state": "open"}, {"state": "x"}, {"after": "-1"}):
        page = sluice.http.get(f"/bulk-changes/{bulk}/targets", params=query)
        holds(description, f"{path}/targets", "get", page)
    for options in (None, {"failureShare": 0.5}, {"failureShare": 2}, {"extra": 1}):
        answer = act_bulk(sluice, bulk, "resume", options)
        holds(description, f"{path}/resume", "post", answer)
    for options in ({"extra": 1}, None):
        answer = act_bulk(sluice, bulk, "cancel", options)
        holds(description, f"{path}/cancel", "post", answer)


def test_a_change_that_came_by_queue_is_shown_as_described(
    description: dict[str, Any], sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    target = {"deviceId": graph.add_device()["deviceId"]}
    outcome = queues.outcome(queues.send_intake(PATCH | {"target": target}))
    holds(description, "/changes/{id}", "get", sluice.http.get(f"/changes/{outcome['id']}"))


@pytest.mark.parametrize(
    "bad", [*DOCUMENTS, *MEMBERS[::7], *PASSWORDS[::5]], ids=lambda bad: bad.name
)
def test_a_refusal_is_answered_as_described(
    description: dict[str, Any], sluice: Sluice, bad: Any
) -> None:
    holds(description, "/changes", "post", sluice.post(bad.body))


def test_other_refusals_are_answered_as_described(
    description: dict[str, Any], sluice: Sluice
) -> None:
    for answer in (
        sluice.post(PATCH, headers={"Content-Type": "text/plain"}),
        sluice.post(PATCH, key="k" * 300),
        sluice.post(padded(LARGEST + 1)),
    ):
        holds(description, "/changes", "post", answer)
    missing = sluice.http.get(f"/changes/{uuid.uuid4()}")
    holds(description, "/changes/{id}", "get", missing)


def test_health_is_answered_as_described(description: dict[str, Any], sluice: Sluice) -> None:
    for path in ("/health", "/health/details"):
        holds(description, path, "get", sluice.http.get(path))


def test_the_description_is_what_the_code_says(description: dict[str, Any]) -> None:
    assert description == document()


def test_device_accounts_are_answered_as_described(
    description: dict[str, Any], sluice: Sluice
) -> None:
    one = "/device-accounts/{id}"
    account = {"account": f"room-{uuid.uuid4()}@contoso.com", "family": "directoryOnly"}
    validator(description, "DeviceAccountDocument").validate(account)
    path = f"/device-accounts/{account['account']}"
    for status in (201, 200):
        answer = sluice.http.put(path, json=account)
        assert answer.status_code == status
        holds(description, one, "put", answer)
    for headers in ({"If-Match": '"other"'}, {"Content-Type": "text/plain"}):
        holds(description, one, "put", sluice.http.put(path, json=account, headers=headers))
    holds(description, one, "get", sluice.http.get(path))
    holds(description, "/device-accounts", "get", sluice.http.get("/device-accounts?top=1"))
    holds(description, "/device-accounts", "get", sluice.http.get("/device-accounts?top=0"))
    holds(description, f"{one}/rotate", "post", sluice.http.post(f"{path}/rotate", json={"a": 1}))
    asked = {"notBefore": "2099-01-01T00:00:00Z"}
    holds(description, f"{one}/rotate", "post", sluice.http.post(f"{path}/rotate", json=asked))
    holds(description, one, "delete", sluice.http.delete(path))
    for text in ("account,family\n", "account\n"):
        headers = {"Content-Type": "text/csv"}
        answer = sluice.http.post("/device-accounts/import", content=text, headers=headers)
        holds(description, "/device-accounts/import", "post", answer)
