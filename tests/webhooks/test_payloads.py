"""What tools really send, one after the other, as payloads/ has it: synthetic, in their shapes."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from gate import Gate
from senders import SECRETS, generic, signed

from shared.changes.problems import RequestRefused

PAYLOADS = Path(__file__).parent / "payloads"


def sent(name: str) -> list[dict[str, Any]]:
    payloads: list[dict[str, Any]] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return payloads


async def answers(source: str, name: str) -> tuple[list[str], Gate]:
    """What each payload of the file is answered in turn: a status, or the code of a refusal."""
    gate, told = Gate(), list[str]()
    gate.vault.values.update(SECRETS)
    for payload in sent(name):
        body = json.dumps(payload).encode()
        headers = signed(source, body, gate.clock())
        if source == "generic":
            headers = generic(body, gate.clock(), message_id=uuid.uuid4().hex)
        try:
            admitted = await gate.receive(source, body, headers)
        except RequestRefused as refused:
            told.append(refused.first.code)
        else:
            told.append(admitted.ignored or admitted.status)
    return told, gate


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        (
            "servicenow",
            "servicenow-cart",
            ["not-approved", "not-approved", "accepted", "duplicate", "duplicate"],
        ),
        ("servicenow", "servicenow-display-values", ["accepted"]),
        (
            "jira",
            "jira-cloud",
            ["not-for-sluice", "not-for-sluice", "accepted", "duplicate", "older-than-seen"],
        ),
        ("jira-automation", "jira-automation", ["missing-member", "accepted", "older-than-seen"]),
        ("generic", "generic", ["accepted", "accepted", "older-than-seen"]),
    ],
)
async def test_a_ticket_becomes_what_it_asks_for_however_its_tool_tells_it(
    source: str, name: str, expected: list[str]
) -> None:
    told, gate = await answers(source, name)
    assert told == expected
    assert len(gate.changes) == expected.count("accepted")


async def test_values_are_those_that_machines_read_and_labels_those_that_people_do() -> None:
    _, gate = await answers("servicenow", "servicenow-display-values")
    [change] = gate.changes
    assert change.request["target"] == {"managedDeviceId": "4d9bd01a-4d6c-4d0c-8b5c-0d8b4c5b8f60"}
    assert change.request["set"] == {"managedDeviceName": "HUB-0042-B"}
    assert gate.tickets.newest["servicenow", change.request["ticket"]["id"]].lstrip("0") == "1204."
