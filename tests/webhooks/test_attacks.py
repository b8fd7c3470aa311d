"""Attacks on the way in that are of no single step."""

import contextlib
import hmac
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gate import GOOD, MINIMAL, SECRET, Gate, gate_of
from malformed import DOCUMENTS, Malformed

from shared.changes.problems import RequestRefused
from shared.webhooks.verifiers import shared, signature

ROOT = Path(__file__).parents[2]
KEY = {"X-Key": SECRET}
CANARY = "Kan4rien-v0gel"
OF_ITS_OWN_SIZE = {"too-large", "too-deep"}


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return gate_of(tmp_path, MINIMAL)


async def refused(gate: Gate, body: bytes) -> RequestRefused:
    with pytest.raises(RequestRefused) as refusal:
        await gate.receive("tool", body, KEY)
    return refusal.value


@pytest.mark.parametrize(
    "bad",
    [bad for bad in DOCUMENTS if bad.code not in OF_ITS_OWN_SIZE],
    ids=lambda bad: bad.name,
)
async def test_json_that_can_be_read_in_two_ways_is_not_read(gate: Gate, bad: Malformed) -> None:
    refusal = await refused(gate, bad.body)
    assert refusal.first.code == bad.code


@pytest.mark.parametrize("levels", [33, 1000, 100_000])
async def test_json_that_is_nested_too_deep_is_refused(gate: Gate, levels: int) -> None:
    body = b'{"a":' * levels + b"1" + b"}" * levels
    assert (await refused(gate, body)).first.code in ("too-deep", "too-large")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"a": "' + b"x" * 256 * 1024 + b'"}', 413, "too-large"),
        (b"", 400, "empty-body"),
        (b" \r\n", 400, "empty-body"),
    ],
)
async def test_what_is_too_large_or_empty_is_refused_before_anybody_is_asked(
    gate: Gate, body: bytes, status: int, code: str
) -> None:
    with pytest.raises(RequestRefused) as refused:
        await gate.receive("tool", body, {})
    assert (refused.value.status, refused.value.first.code) == (status, code)
    assert gate.vault.reads == []


@pytest.mark.parametrize(
    "name",
    ["password", "temp_password", "pass-word", "PASSWD", "u_pwd", "apiSecret", "credentials"],
)
@pytest.mark.parametrize("value", [CANARY, {"value": CANARY}, [CANARY], 4711])
async def test_a_payload_with_a_password_is_refused_and_not_told(
    gate: Gate, name: str, value: Any
) -> None:
    refusal = await refused(gate, json.dumps(GOOD | {"variables": {name: value}}).encode())
    assert (refusal.status, refusal.first.code) == (422, "password-in-request")
    assert CANARY not in str(refusal)
    assert gate.changes == gate.outcomes == []


@pytest.mark.parametrize("value", ["", "  ", None, False, [], {"value": "", "display_value": ""}])
async def test_a_field_for_a_password_that_is_empty_does_no_harm(gate: Gate, value: Any) -> None:
    body = json.dumps(GOOD | {"variables": {"temp_password": value}}).encode()
    assert (await gate.receive("tool", body, KEY)).status == "accepted"


@pytest.mark.parametrize("given", ["0" * 64, "é" * 64, "0" * 63, "GOOD"])
async def test_signatures_are_compared_as_digests_and_with_each_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    form = {"hmac": {"secrets": ["sender", "next"], "header": "X-Signature"}}
    gate = gate_of(tmp_path, MINIMAL | {"verify": form})
    gate.vault.values["next"] = "the next secret of the sender"
    body = json.dumps(GOOD).encode()
    good = hmac.digest(SECRET.encode(), body, "sha256").hex()
    compared: list[tuple[Any, Any]] = []

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(signature, "hmac", SimpleNamespace(compare_digest=compare, new=hmac.new))
    with contextlib.suppress(RequestRefused):
        await gate.receive("tool", body, {"X-Signature": good if given == "GOOD" else given})
    assert len(compared) == (2 if given in ("GOOD", "0" * 64) else 0)
    assert all(isinstance(one, bytes) and len(one) == len(other) == 32 for one, other in compared)


@pytest.mark.parametrize("given", ["x", "x" * 200, "é", SECRET, SECRET[:-1]])
async def test_what_is_compared_has_one_length_whatever_was_sent(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    compared: list[tuple[Any, Any]] = []

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(shared, "hmac", SimpleNamespace(compare_digest=compare))
    with contextlib.suppress(RequestRefused):
        await gate.receive("tool", json.dumps(GOOD).encode(), {"X-Key": given})
    [(one, other)] = compared
    assert isinstance(one, bytes)
    assert len(one) == len(other) == 32


LOADS = """
import sys
from shared.webhooks import composition
composition.receiver()
composition.sources().find("servicenow")
print(*sys.modules)
"""


def test_a_webhook_loads_neither_graph_nor_what_its_source_does_not_use() -> None:
    environment = {
        "ServiceBus": "Endpoint=sb://127.0.0.1;SharedAccessKeyName=x;SharedAccessKey=eA==",
        "Records": "UseDevelopmentStorage=true",
        "KEY_VAULT_URL": "https://contoso.vault.azure.net",
        "WEBHOOK_SOURCES": "servicenow",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"jmespath", "yaml"} <= loaded
    assert not loaded & {"msgraph", "msgraph_core", "kiota_http", "jwt", "http_message_signatures"}


def test_the_page_of_threats_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "webhooks" / "threats.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(), f"{file}::{test}"
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert all("`tests/" in row for row in rows), "each threat has a test"
