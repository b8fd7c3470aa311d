"""Whatever comes in, a request is read or refused, and a refusal repeats no value."""

import gzip
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from malformed import ACCOUNT, MANAGED, PATCH, USER

from shared.changes.document import may_hold_password, read_document
from shared.changes.problems import RequestRefused
from shared.changes.request import ChangeRequest, canonical, fingerprint, read_request

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")

FULL: dict[str, Any] = {
    **ACCOUNT,
    "set": {
        **ACCOUNT["set"],
        "passwordRotationEnabled": False,
        "calendarSyncEnabled": True,
        "deviceAccountEmail": "hub@contoso.example",
    },
    "notBefore": "2031-01-01T00:00:00Z",
    "notAfter": "2031-01-02T00:00:00+02:00",
    "reason": "Renewal of the lease",
    "ticket": {"source": "servicenow", "id": "9d385017", "number": "CHG0030052"},
    "dryRun": False,
}
PATCHED: dict[str, Any] = {
    **PATCH,
    "set": {
        "displayName": "HUB-ATRIUM",
        "accountEnabled": True,
        "extensionAttributes": {"extensionAttribute1": "CC-1042", "extensionAttribute15": None},
    },
}
GOOD = [FULL, PATCHED, MANAGED, USER]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["2031-01-01T00:00:00Z", "patchDevice", PATCH["target"]["deviceId"], "\ud800"]
    )
)
members = st.text(max_size=12) | st.sampled_from(
    [*FULL, *FULL["set"], *PATCHED["set"], "id", "deviceId", "managedDeviceId", "password", "notes"]
)
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members, inner, max_size=5)
)


def paths(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a document."""
    inner = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        inner = enumerate(document)
    return [path, *(each for name, value in inner for each in paths(value, (*path, name)))]


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """A good request in which a few things are another thing, gone, or new."""
    document = json.loads(json.dumps(draw(st.sampled_from(GOOD))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(document)))
        if not path:
            continue
        inner = document
        for part in path[:-1]:
            inner = inner[part]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                inner[path[-1]] = draw(documents)
            case "remove":
                del inner[path[-1]]
            case "add" if isinstance(inner, dict):
                inner[draw(members)] = draw(documents)
    return document


def resolves(document: Any, pointer: str) -> bool:
    """Whether a pointer, or its parent, leads to something in the document (RFC 6901)."""
    *parents, _last = [
        part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
    ] or [""]
    for part in parents:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return False
    return True


MARK = "\u00a4"


def marked(document: Any, draw: st.DrawFn) -> Any:
    """The document with a mark in some of its texts and in none of its member names."""
    match document:
        case str() if draw(st.booleans()):
            place = draw(st.integers(0, len(document)))
            return document[:place] + MARK + document[place:]
        case dict():
            return {name: marked(value, draw) for name, value in document.items()}
        case list():
            return [marked(value, draw) for value in document]
    return document


def read(body: bytes) -> ChangeRequest | RequestRefused:
    try:
        return read_request(body)
    except RequestRefused as refused:
        return refused


def reads_or_refuses(body: bytes) -> RequestRefused | None:
    """Read a body; its refusal, held against everything that a refusal may not be."""
    outcome = read(body)
    if not isinstance(outcome, RequestRefused):
        assert read(json.dumps(canonical(outcome)).encode()) == outcome
        assert fingerprint(outcome)
        return None
    assert outcome.status in {400, 413, 415, 422}
    assert outcome.problems
    for problem in outcome.problems:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.code)
        assert _POINTER.fullmatch(problem.pointer)
        assert len(problem.pointer) < 8192
    return outcome


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good["operation"])
def test_a_good_request_is_read(good: dict[str, Any]) -> None:
    assert reads_or_refuses(json.dumps(good).encode()) is None


@given(mutants() | documents, st.data())
def test_any_document_is_read_or_refused_and_no_value_repeated(
    document: Any, data: st.DataObject
) -> None:
    document = marked(document, data.draw)
    refused = reads_or_refuses(json.dumps(document).encode())
    for problem in refused.problems if refused else ():
        assert MARK not in problem.detail
        assert resolves(document, problem.pointer)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    reads_or_refuses(body)


@given(st.data())
def test_any_damage_to_the_text_of_a_request_is_read_or_refused(data: st.DataObject) -> None:
    body = json.dumps(data.draw(st.sampled_from(GOOD))).encode()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(start + 8, len(body))))
    reads_or_refuses(body[:start] + data.draw(st.binary(max_size=6)) + body[end:])


@pytest.mark.parametrize(
    "body",
    [
        b'{"password": 1}',
        b"Pass_Word=x",
        b"my-pwd: x",
        b'{"pass\\u0077ord": 1',
        '{"password": 1}'.encode("utf-16"),
        '{"password": 1}'.encode("utf-16-be"),
        gzip.compress(b'{"password": 1}', mtime=0),
        "\uff50\uff57\uff44".encode(),
    ],
)
def test_a_body_that_may_hold_a_password_is_known(body: bytes) -> None:
    assert may_hold_password(body)


def test_a_body_that_speaks_of_no_password_may_be_kept() -> None:
    assert not may_hold_password(json.dumps(PATCHED).encode()[:-1])


def test_thousands_of_members_twice_are_refused_in_no_time() -> None:
    pairs = ",".join(f'"{n}":1' for n in range(1500))
    started = time.monotonic()
    with pytest.raises(RequestRefused):
        read_document(f"{{{pairs},{pairs}}}".encode())
    assert time.monotonic() - started < 1
