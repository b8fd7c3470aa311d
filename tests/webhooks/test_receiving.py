"""What a webhook of each shipped source becomes, and what the same one becomes again."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from gate import DEVICE, ENVIRONMENT, FOLDER, GOOD, MINIMAL, SECRET, SOURCES, Gate, gate_of
from senders import SECRETS, signed

from shared.changes.problems import RequestRefused
from shared.webhooks.order import sortable
from shared.webhooks.sources import load

KEY = {"X-Key": SECRET}
PUSHED = [name for name in SOURCES if load(FOLDER, name, ENVIRONMENT).source.fetch is None]


def example(source: str) -> dict[str, Any]:
    """The first example of a shipped source: what its tool really sends."""
    return load(FOLDER, source, ENVIRONMENT).source.examples[0].payload


async def post(gate: Gate, payload: Any, **headers: str) -> Any:
    return await gate.receive("tool", json.dumps(payload).encode(), KEY | headers)


async def refusal(gate: Gate, payload: Any, **headers: str) -> RequestRefused:
    with pytest.raises(RequestRefused) as refused:
        await post(gate, payload, **headers)
    return refused.value


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return gate_of(tmp_path, MINIMAL)


@pytest.fixture
def shipped() -> Gate:
    gate = Gate()
    gate.vault.values.update(SECRETS)
    return gate


@pytest.mark.parametrize("source", PUSHED)
async def test_what_a_tool_sends_becomes_a_change_once(shipped: Gate, source: str) -> None:
    body = json.dumps(example(source)).encode()
    headers = signed(source, body, shipped.clock())
    first = await shipped.receive(source, body, headers)
    again = await shipped.receive(source, body, headers)
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert [each.operation.id for each in first.changes] == [
        each.operation.id for each in again.changes
    ]
    for change in shipped.changes:
        assert change.source == change.request["ticket"]["source"] == source


async def test_the_cart_of_servicenow_makes_one_change_however_often_it_updates_the_item(
    shipped: Gate,
) -> None:
    statuses = []
    for count in range(1, 6):
        item = example("servicenow") | {"sys_mod_count": str(count), "state": str(count)}
        body = json.dumps(item).encode()
        admitted = await shipped.receive(
            "servicenow", body, signed("servicenow", body, shipped.clock())
        )
        statuses.append(admitted.status)
    assert statuses == ["accepted", *["duplicate"] * 4]
    assert len(shipped.changes) == 1


async def test_another_change_of_the_same_ticket_is_another_change(gate: Gate) -> None:
    assert (await post(gate, GOOD)).status == "accepted"
    assert (await post(gate, GOOD | {"text": "CC-2000"})).status == "accepted"
    assert (await post(gate, GOOD | {"ticket": "T-2"})).status == "accepted"
    assert len(gate.changes) == 3


async def test_the_same_ticket_id_of_two_sources_is_two_tickets(tmp_path: Path) -> None:
    both = []
    for name in ("one", "other"):
        source = copy.deepcopy(MINIMAL)
        source["examples"][0]["changes"][0]["ticket"]["source"] = name
        gate = gate_of(tmp_path, source, name)
        body = json.dumps(GOOD | {"version": 3}).encode()
        [change] = (await gate.receive(name, body, KEY)).changes
        both.append(change.operation.id)
    assert len(set(both)) == 2


async def test_an_occurrence_tells_a_wanted_repetition_from_a_repeated_event(
    tmp_path: Path,
) -> None:
    gate = gate_of(tmp_path, MINIMAL | {"occurrence": "approvedAt"})
    monday, tuesday = GOOD | {"approvedAt": "monday"}, GOOD | {"approvedAt": "tuesday"}
    statuses = [(await post(gate, each)).status for each in (monday, monday, tuesday)]
    assert statuses == ["accepted", "duplicate", "accepted"]


async def test_an_event_that_is_older_than_one_seen_before_is_ignored(gate: Gate) -> None:
    assert (await refusal(gate, GOOD | {"version": 12, "approved": False})).status == 422
    late = await post(gate, GOOD | {"version": 9})
    assert (late.status, late.ignored) == ("ignored", "older-than-seen")
    assert (await post(gate, GOOD | {"version": 12})).status == "accepted"
    assert len(gate.changes) == 1


@pytest.mark.parametrize(
    ("newer", "older"),
    [(10, 9), ("10", "9"), (10, "9"), (2.5, 2), (10**20, 2), ("2026-02-01T", "2026-01-31T")],
)
async def test_versions_are_compared_as_the_numbers_or_times_that_they_are(
    gate: Gate, newer: Any, older: Any
) -> None:
    assert (await post(gate, GOOD | {"version": newer})).status == "accepted"
    assert (await post(gate, GOOD | {"version": older, "text": "old"})).status == "ignored"


def test_digits_that_are_not_ascii_are_no_number() -> None:
    assert sortable("\u0662") == "\u0662"


async def test_an_event_that_is_not_for_sluice_makes_no_other_late(gate: Gate) -> None:
    assert (await post(gate, GOOD | {"version": 12, "kind": "comment"})).status == "ignored"
    assert (await post(gate, GOOD | {"version": 9})).status == "accepted"


async def test_what_is_not_for_sluice_is_ignored_and_leaves_nothing_behind(gate: Gate) -> None:
    admitted = await post(gate, GOOD | {"kind": "printer"})
    assert (admitted.status, admitted.ignored) == ("ignored", "not-for-sluice")
    assert (gate.changes, gate.outcomes) == ([], [])


async def test_an_event_without_a_ticket_is_ignored_when_it_is_not_for_sluice(gate: Gate) -> None:
    assert (await post(gate, {"kind": "project", "deviceId": DEVICE})).status == "ignored"


async def test_the_log_has_what_became_of_each_and_nothing_of_what_it_said(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="shared.webhooks")
    await post(gate, GOOD | {"reason": "canary"})
    await refusal(gate, GOOD | {"approved": "canary"})
    await refusal(gate, GOOD, **{"X-Key": "canary"})
    assert [record.getMessage() for record in caplog.records] == [
        "a webhook of tool: accepted",
        "a webhook of tool was refused: not-approved",
        "a webhook for tool is not from it: the header x-key holds another secret",
    ]


async def test_a_refusal_is_told_to_the_ticket_once(gate: Gate) -> None:
    for _ in range(2):
        refused = await refusal(gate, GOOD | {"approved": "yes"})
        assert (refused.status, refused.first.code) == (422, "not-approved")
    [outcome] = gate.outcomes
    assert outcome["state"] == "failed"
    assert outcome["ticket"] == {"source": "tool", "id": "T-1"}
    assert outcome["failure"]["code"] == "not-approved"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"approved": False}, "not-approved", "/approved"),
        ({"approved": 1}, "not-approved", "/approved"),
        ({"deviceId": None}, "no-change", "/rules"),
        ({"deviceId": "x"}, "invalid-value", "/changes/0/target/deviceId"),
        ({"deviceId": 7}, "wrong-type", "/changes/0/target/deviceId"),
        (
            {"text": {"a": 1}},
            "wrong-type",
            "/changes/0/set/extensionAttributes/extensionAttribute1",
        ),
        ({"text": None}, "nothing-to-set", "/changes/0/set/extensionAttributes"),
        (
            {"reason": "The password is Sommer2026!"},
            "password-in-request",
            "/changes/0/reason",
        ),
        ({"ticket": None}, "no-ticket", "/ticket/id"),
        ({"ticket": "a/../b"}, "not-an-id", "/ticket/id"),
        ({"ticket": "a\r\nX-Injected: 1"}, "not-an-id", "/ticket/id"),
        ({"ticket": "<script>"}, "not-an-id", "/ticket/id"),
        ({"ticket": "x" * 200}, "not-an-id", "/ticket/id"),
        ({"ticket": ["T-1"]}, "not-an-id", "/ticket/id"),
        ({"version": {"a": 1}}, "mapping-failed", "/ticket/version"),
    ],
)
async def test_what_cannot_become_a_change_is_refused_with_where_and_why(
    gate: Gate, changes: dict[str, Any], code: str, pointer: str
) -> None:
    refused = await refusal(gate, GOOD | changes)
    assert refused.status == 422
    assert (code, pointer) in [(each.code, each.pointer) for each in refused.problems]
    assert gate.changes == []


async def test_a_payload_asks_for_25_changes_at_most_and_gets_all_of_them_or_none(
    tmp_path: Path,
) -> None:
    rule = MINIMAL["rules"][0] | {
        "when": "devices != null",
        "each": "devices",
        "request": {
            "target": {"deviceId": "each.id"},
            "set": {"extensionAttributes": {"extensionAttribute1": "payload.text"}},
            "notAfter": "each.until",
        },
    }
    gate = gate_of(tmp_path, MINIMAL | {"rules": [*MINIMAL["rules"], rule, rule]})

    def asked(count: int) -> dict[str, Any]:
        devices = [{"id": DEVICE[:-4] + f"{n:04d}"} for n in range(count)]
        return GOOD | {"deviceId": None, "devices": devices}

    for count in (13, 26):  # two rules apply
        assert (await refusal(gate, asked(count))).first.code == "too-many-changes"
    wrong = asked(3)
    wrong["devices"][2]["id"] = "no device"
    assert (await refusal(gate, wrong)).first.pointer == "/changes/2/target/deviceId"
    late = asked(3)
    late["devices"][2]["until"] = "2020-01-01T00:00:00Z"
    assert (await refusal(gate, late)).first.code == "window-closed"
    assert gate.changes == []
    assert len((await post(gate, asked(12))).changes) == 24
    assert len(gate.changes) == 12, "the second rule asks for the same"


async def test_an_expression_that_does_not_fit_is_told_without_the_value(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, MINIMAL | {"accept": "starts_with(kind, 'dev')"})
    refused = await refusal(gate, GOOD | {"kind": ["canary"]})
    assert (refused.first.code, refused.first.pointer) == ("mapping-failed", "/accept")
    assert "canary" not in str(refused)
