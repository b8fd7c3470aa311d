"""What a target has to look like, per operation."""

import json
import uuid
from typing import Any

import pytest

from shared.changes.addresses import address_of
from shared.changes.problems import RequestRefused
from shared.changes.request import canonical, read_request

GUID, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
SETS: dict[str, Any] = {
    "patchDevice": {"displayName": "x"},
    "patchManagedDevice": {"notes": "x"},
    "patchUser": {"city": "x"},
    "updateDeviceAccount": {
        "deviceAccount": {"userPrincipalName": "a@b.example", "passwordSecret": {"name": "a"}}
    },
}


def read(operation: str, target: Any) -> dict[str, Any]:
    body = {"operation": operation, "target": target, "set": SETS[operation]}
    return canonical(read_request(json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("operation", "target", "found"),
    [
        # the nearest form is the one that the sender is told about
        ("patchManagedDevice", {}, {("missing-member", "/target/managedDeviceId")}),
        (
            "patchManagedDevice",
            {"userId": GUID},
            {("missing-member", "/target/managedDeviceId")},
        ),
        (
            "updateDeviceAccount",
            {"deviceHealthScriptId": GUID},
            {("missing-member", "/target/deviceRunStateId")},
        ),
        (
            "updateDeviceAccount",
            {"detectedAppId": "a", "managedDeviceId": GUID, "userManagedDeviceId": GUID},
            {("missing-member", "/target/userId")},
        ),
        (
            "updateDeviceAccount",
            {"rootManagedDeviceId": GUID},
            {
                ("missing-member", "/target/managedDeviceId"),
                ("unknown-member", "/target/rootManagedDeviceId"),
            },
        ),
        (
            "patchManagedDevice",
            {"managedDeviceId": GUID, "ManagedDevice": GUID},
            {("unknown-member", "/target/ManagedDevice")},
        ),
        (
            "patchDevice",
            {"id": GUID, "ManagedDevice": GUID},
            {("unknown-member", "/target/ManagedDevice")},
        ),
        ("patchUser", {"managedDeviceId": GUID}, {("missing-member", "/target/userId")}),
        ("patchUser", {"userId": None}, {("wrong-type", "/target/userId")}),
        ("patchUser", [], {("wrong-type", "/target")}),
        *(
            ("patchUser", {"userId": bad}, {("invalid-value", "/target/userId")})
            for bad in ("", "me", "a@", "a b@c.example", "a/b@c.example", "a@b@c.example", "a@b\n")
        ),
        *(
            (
                "patchManagedDevice",
                {"deviceManagementScriptId": GUID, "deviceRunStateId": bad},
                {("invalid-value", "/target/deviceRunStateId")},
            )
            for bad in ("", "..", "a/b", "a?b", "a#b", "a b", "x" * 256, "a\n", "é")
        ),
        *(
            (
                "patchManagedDevice",
                {name: bad},
                {("invalid-value", f"/target/{name}")},
            )
            for name in ("managedDeviceId", "comanagedDeviceId", "rootManagedDeviceId")
            for bad in ("", "..", GUID[:-1], f"{GUID}/x")
        ),
    ],
)
def test_a_malformed_target_is_refused_with_its_place(
    operation: str, target: Any, found: set[tuple[str, str]]
) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(operation, target)
    said = {(problem.code, problem.pointer) for problem in refused.value.problems}
    assert found <= said


@pytest.mark.parametrize("target", [None, [], "x", 1, True])
@pytest.mark.parametrize("operation", SETS)
def test_a_target_that_is_no_object_is_refused(operation: str, target: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(operation, target)
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("wrong-type", "/target")


@pytest.mark.parametrize("member", ["version", "allowUnofficialRoute", "rewriteToOfficialRoute"])
@pytest.mark.parametrize("value", ["v2.0", "true", 1, []])
def test_how_to_go_is_told_in_exact_words(member: str, value: Any) -> None:
    body = {
        "operation": "patchUser",
        "target": {"userId": GUID},
        "set": {"city": "x"},
        member: value,
    }
    with pytest.raises(RequestRefused) as refused:
        read_request(json.dumps(body).encode())
    [problem] = refused.value.problems
    assert (problem.code in {"wrong-type", "invalid-value"}, problem.pointer) == (
        True,
        f"/{member}",
    )


@pytest.mark.parametrize(
    "targets",
    [
        [
            ("updateDeviceAccount", {"managedDeviceId": GUID.upper()}),
            ("updateDeviceAccount", {"comanagedDeviceId": GUID}),
            ("patchManagedDevice", {"rootManagedDeviceId": GUID}),
            ("updateDeviceAccount", {"userId": OTHER, "managedDeviceId": GUID}),
            (
                "updateDeviceAccount",
                {
                    "detectedAppId": "a",
                    "managedDeviceId": OTHER,
                    "userId": OTHER,
                    "userManagedDeviceId": GUID,
                },
            ),
        ],
        [
            ("patchUser", {"userId": GUID.upper()}),
            (
                "patchUser",
                {
                    "deviceManagementScriptId": OTHER,
                    "deviceRunStateId": "a",
                    "userId": GUID,
                },
            ),
        ],
        [("patchUser", {"userId": "A@B.example"}), ("patchUser", {"userId": "a@b.example"})],
    ],
)
def test_one_thing_has_one_address_however_long_the_way_to_it(
    targets: list[tuple[str, dict[str, str]]],
) -> None:
    addresses = {address_of(read(operation, target)["target"]) for operation, target in targets}
    assert len(addresses) == 1


def test_different_things_have_different_addresses() -> None:
    run = {"deviceManagementScriptId": GUID, "deviceRunStateId": "a"}
    targets = [
        ("patchManagedDevice", {"managedDeviceId": GUID}),
        ("patchUser", {"userId": GUID}),
        ("patchDevice", {"id": GUID}),
        ("patchDevice", {"deviceId": GUID}),
        ("patchManagedDevice", run),
        ("patchManagedDevice", {**run, "deviceRunStateId": "b"}),
    ]
    assert len({address_of(read(*each)["target"]) for each in targets}) == len(targets)
