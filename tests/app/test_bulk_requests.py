"""What a request for many targets may be, without a stack."""

import json
import uuid
from typing import Any

import pytest

from shared.bulk.csv_file import with_targets
from shared.bulk.request import MOST_BYTES, MOST_TARGETS, read_bulk_request
from shared.changes.problems import RequestRefused
from shared.records.bulk_targets import _TOGETHER
from shared.records.codec import LONGEST_TEXT

CHANGE = {"operation": "patchDevice", "set": {"displayName": "HUB"}}
ONE = {"id": str(uuid.UUID(int=1))}


def refusal(body: Any) -> tuple[int, list[tuple[str, str]]]:
    """The status, and code and pointer of each problem."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(RequestRefused) as refused:
        read_bulk_request(content)
    return refused.value.status, [(each.code, each.pointer) for each in refused.value.problems]


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({}, "missing-member", "/targets"),
        ({"targets": []}, "invalid-value", "/targets"),
        ({"targets": {}}, "wrong-type", "/targets"),
        ({"targets": [ONE] * (MOST_TARGETS + 1)}, "invalid-value", "/targets"),
        ({"targets": [ONE], "canary": -1}, "invalid-value", "/canary"),
        ({"targets": [ONE], "canary": "1"}, "wrong-type", "/canary"),
        ({"targets": [ONE], "failureShare": 1.5}, "invalid-value", "/failureShare"),
        ({"targets": [ONE], "target": ONE}, "unknown-member", "/target"),
        ({"targets": [ONE], "plan": "x"}, "unknown-member", "/plan"),
        ({"targets": [ONE], "extra": 1}, "unknown-member", "/extra"),
        ({"targets": [ONE], "set": {}}, "nothing-to-set", "/set"),
        ({"targets": [ONE], "set": {"password": "x"}}, "password-in-request", "/set/password"),
    ],
)
def test_a_wrong_member_is_named(members: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal(CHANGE | members) == (422, [(code, pointer)])


def test_what_is_wrong_with_the_change_is_said_before_what_is_wrong_with_targets() -> None:
    request = CHANGE | {"set": {"displayName": 7}, "targets": [{"id": "x"}]}
    assert refusal(request) == (422, [("wrong-type", "/set/displayName")])


def test_as_many_problems_are_told_as_of_one_request_and_all_are_counted() -> None:
    wrong = [{"id": str(number)} for number in range(300)]
    with pytest.raises(RequestRefused) as refused:
        read_bulk_request(json.dumps(CHANGE | {"targets": wrong}).encode())
    assert len(refused.value.problems) == 20
    assert "300 of 300" in refused.value.first.detail


def test_a_body_that_is_too_large_is_refused() -> None:
    assert refusal(b" " * (MOST_BYTES + 1)) == (413, [("too-large", "")])


def test_the_longest_targets_fit_the_store() -> None:
    name, user = '"' * 256, f"{'u' * 309}@{'x' * 10}"
    longest = {
        "displayName": name,
        "serialNumber": name,
        "id": str(uuid.uuid4()),
        "deviceId": str(uuid.uuid4()),
        "imei": "0" * 16,
        "primaryUser": user,
    }
    read = read_bulk_request(json.dumps(CHANGE | {"targets": [longest]}).encode())
    assert len(json.dumps(list(read.targets) * _TOGETHER)) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (b"", 422, "missing-column"),
        (b"id,\nx,y", 422, "missing-column"),
        (b"id,id\nx,y", 422, "duplicate-column"),
        (b"id\nx,y", 422, "wrong-cell-count"),
        (b'id\n"x', 422, "not-csv"),
        (b"id\n\xff", 400, "not-utf-8"),
        (b"x" * (MOST_BYTES + 1), 413, "too-large"),
    ],
)
def test_a_file_that_is_no_list_of_targets_is_refused(file: bytes, status: int, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        with_targets(json.dumps(CHANGE).encode(), file)
    assert (refused.value.status, refused.value.first.code) == (status, code)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_names_the_same_targets_as_an_array(separator: str) -> None:
    other = {"deviceId": str(uuid.UUID(int=2))}
    lines = ["id;deviceId", f"{ONE['id']};", "", f";{other['deviceId']}"]
    file = "\ufeff" + "\r\n".join(lines).replace(";", separator)
    by_file = read_bulk_request(with_targets(json.dumps(CHANGE).encode(), file.encode()))
    by_array = read_bulk_request(json.dumps(CHANGE | {"targets": [ONE, other]}).encode())
    assert by_file.fingerprint == by_array.fingerprint
