"""Every malformed request is answered with a problem that names the fault and repeats no value."""

import gzip
import json
import uuid
import zlib

import pytest
from malformed import ALL, LARGEST, MANAGED, PATCH, SECRET, USER, Malformed, changed, padded
from sluice_client import Sluice

from shared.changes.properties import UNWRITABLE
from shared.changes.user_properties import UNWRITABLE_USER

REASONS = {**UNWRITABLE, "patchUser": UNWRITABLE_USER}


def problem_of(answer: object) -> dict[str, object]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    first = document["errors"][0]
    assert document["type"] == f"urn:sluice:problem:{first['code']}"
    assert (document["pointer"], document["detail"]) == (first["pointer"], first["detail"])
    assert SECRET not in answer.text
    return document


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
def test_a_malformed_body_is_refused(sluice: Sluice, bad: Malformed) -> None:
    answer = sluice.post(bad.body)
    document = problem_of(answer)
    found = [(error["code"], error["pointer"]) for error in document["errors"]]
    assert answer.status_code == bad.status
    assert (bad.code, bad.pointer) in found


@pytest.mark.parametrize(
    ("operation", "name"),
    [(operation, name) for operation, names in REASONS.items() for name in names],
)
def test_a_property_that_cannot_be_written_is_refused_with_the_reason(
    sluice: Sluice, operation: str, name: str
) -> None:
    [request] = [good for good in (PATCH, MANAGED, USER) if good["operation"] == operation]
    answer = sluice.post(changed(request, f"/set/{name}", SECRET))
    [error] = problem_of(answer)["errors"]
    assert answer.status_code == 422
    assert (error["code"], error["pointer"]) == ("property-not-writable", f"/set/{name}")
    assert error["detail"] == REASONS[operation][name]


def test_every_fault_of_a_request_is_told_at_once_up_to_twenty(sluice: Sluice) -> None:
    errors = problem_of(sluice.post(PATCH | {"target": {}, "reason": 1, "extra": 1}))["errors"]
    assert {error["pointer"] for error in errors} == {"/target/id", "/reason", "/extra"}
    many = problem_of(sluice.post(PATCH | {f"m{n}": n for n in range(2000)}))["errors"]
    assert len(many) == 20


def test_a_body_of_exactly_the_largest_size_is_accepted(sluice: Sluice) -> None:
    assert sluice.post(padded(LARGEST)).status_code == 202


def test_a_body_sent_in_chunks_counts_as_empty(sluice: Sluice) -> None:
    # The Functions host hands over only what a Content-Length announces.
    chunks = iter([json.dumps(PATCH).encode()])
    headers = {"Content-Type": "application/json"}
    answer = sluice.http.post("/changes", content=chunks, headers=headers)
    assert answer.status_code == 400
    assert problem_of(answer)["errors"][0]["code"] == "empty-body"


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/jsonx",
        "json",
        "",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        'application/json; a=b; charset="utf-16"',
    ],
)
def test_another_media_type_is_refused(sluice: Sluice, media_type: str) -> None:
    answer = sluice.post(PATCH, headers={"Content-Type": media_type})
    assert answer.status_code == 415
    assert problem_of(answer)["errors"][0]["code"] == "wrong-media-type"


def test_a_body_without_a_media_type_is_refused(sluice: Sluice) -> None:
    answer = sluice.http.post("/changes", content=json.dumps(PATCH).encode())
    assert answer.status_code == 415
    problem_of(answer)


@pytest.mark.parametrize("content", [gzip.compress(json.dumps(PATCH).encode(), mtime=0), None])
def test_a_compressed_body_is_refused_even_where_the_host_unpacks_it(
    sluice: Sluice, content: bytes | None
) -> None:
    body = content or zlib.compress(json.dumps(PATCH).encode())
    headers = {"Content-Encoding": "gzip" if content else "deflate"}
    answer = sluice.post(body, headers=headers)
    assert answer.status_code == 415
    problem_of(answer)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json; odata.metadata=minimal; charset=utf-8",
    ],
)
def test_json_in_utf_8_is_accepted_however_its_media_type_is_spelt(
    sluice: Sluice, media_type: str
) -> None:
    assert sluice.post(PATCH, headers={"Content-Type": media_type}).status_code == 202


@pytest.mark.parametrize("key", ["", "k" * 257, "a\tb", "a\u2028b".encode(), "a\u0085b".encode()])
def test_a_key_that_is_no_key_is_refused(sluice: Sluice, key: str | bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    answer = sluice.http.post("/changes", content=json.dumps(PATCH).encode(), headers=headers)
    assert answer.status_code == 400
    assert problem_of(answer)["errors"][0]["code"] == "invalid-key"


def test_a_key_of_exactly_the_longest_size_is_accepted(sluice: Sluice) -> None:
    key = uuid.uuid4().hex * 8
    assert len(key) == 256
    assert sluice.post(PATCH, key=key).status_code == 202
