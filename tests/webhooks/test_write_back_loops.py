"""What Sluice writes into a ticket, the tool tells Sluice again: it asks for nothing."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from desks import TICKETS, Desks, desks_with, outcome, with_write_back
from gate import FOLDER
from senders import SECRETS, signed

from shared.changes.problems import RequestRefused
from shared.webhooks.admission import Admitted

TOOLS = sorted(TICKETS)


@pytest.fixture
async def desks() -> AsyncIterator[Desks]:
    async with desks_with() as desks:
        await prepare(desks)
        yield desks


async def prepare(desks: Desks, **changed: Any) -> None:
    """A ticket in each tool that is approved and asks for a change, as the shipped files do."""
    for tool in TOOLS:
        document = yaml.safe_load((FOLDER / f"{tool}.yaml").read_text())
        payload = document["examples"][0]["payload"]
        fields = payload["issue"]["fields"] if tool == "jira" else payload
        kept = {name: fields[name] for name in fields if name not in ("sys_id", "id", "updated_at")}
        kept.pop("sys_mod_count", None)
        await desks.put(tool, **kept | changed)
    password = desks.gate.vault.values["freshservice-api-key"]
    desks.gate.vault.values |= SECRETS | {"freshservice-api-key": password}


async def approved(desks: Desks, tool: str, **fields: Any) -> Admitted:
    """Somebody edits the ticket, and Sluice gets the event."""
    change = fields or {"jira": {"status": "Approved"}}.get(tool, {})
    path = f"/_control/tickets/{tool}/{TICKETS[tool]}"
    (await desks.http.patch(path, json=change)).raise_for_status()
    return (await answers(desks, tool))[-1]


async def answers(desks: Desks, tool: str) -> list[Admitted]:
    """What Sluice makes of the events that the tool has sent since the last time."""
    found, events = [], await desks.control("events")
    new, desks.heard = events[desks.heard :], len(events)
    for event in new:
        body = json.dumps(event["payload"]).encode()
        headers = signed(tool, body, desks.gate.clock())
        found.append(await desks.gate.receive(tool, body, headers))
    return found


@pytest.mark.parametrize(
    ("tool", "status"),
    [("freshservice", "duplicate"), ("jira", "ignored"), ("servicenow", "ignored")],
)
async def test_the_event_of_a_note_makes_no_change(desks: Desks, tool: str, status: str) -> None:
    assert (await approved(desks, tool)).status == "accepted"
    desks.gate.set_clock(desks.gate.clock() + timedelta(minutes=1))
    await desks.tell(outcome(tool))
    await desks.tell(outcome(tool, "failed"))
    one, other = await answers(desks, tool)
    assert [one.status, other.status] == [status, status]
    assert {each.ignored for each in (one, other)} <= {None, "written-by-sluice"}
    assert len(desks.gate.changes) == 1


async def test_a_transition_of_sluices_own_makes_no_change_and_is_not_refused(
    tmp_path: Path,
) -> None:
    folder = with_write_back(tmp_path, "jira", transitions={"verified": "Done"})
    async with desks_with(folder) as desks:
        await prepare(desks)
        await approved(desks, "jira")
        await desks.tell(outcome("jira"))
        assert (await desks.fields("jira"))["status"] == {"name": "Done"}
        moved, commented = await answers(desks, "jira")
        assert [moved.ignored, commented.ignored] == ["written-by-sluice"] * 2


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_person_is_heard_after_sluice_wrote_into_the_ticket(
    desks: Desks, tool: str
) -> None:
    other = {
        "servicenow": {
            "variables": {
                "device_id": "9d385017-d6cb-4f47-8ce3-6e1b5e4b8e4a",
                "cost_centre": "CC-2",
            }
        },
        "jira": {"customfield_10072": {"value": "CC-2"}, "status": "Approved"},
        "freshservice": {
            "custom_fields": {
                "device_id": "9d385017-d6cb-4f47-8ce3-6e1b5e4b8e4a",
                "cost_centre": "CC-2",
            }
        },
    }[tool]
    await approved(desks, tool)
    await desks.tell(outcome(tool))
    await answers(desks, tool)
    desks.gate.set_clock(desks.gate.clock() + timedelta(minutes=1))
    assert (await approved(desks, tool, **other)).status == "accepted"
    assert len(desks.gate.changes) == 2


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_refusal_is_told_once_though_its_note_is_an_update_too(
    desks: Desks, tool: str
) -> None:
    wrong = {
        "servicenow": {"approval": "rejected"},
        "jira": {"status": "Waiting for approval"},
        "freshservice": {"approval_status_name": "Rejected"},
    }[tool]
    with pytest.raises(RequestRefused):
        await approved(desks, tool, **wrong)
    for _ in range(3):
        # The broker would drop the same refusal for five minutes; here it comes each time.
        refusals = list(desks.gate.broker.outcomes)
        desks.gate.broker.outcomes.clear()
        await desks.tell(*refusals)
        desks.gate.set_clock(desks.gate.clock() + timedelta(minutes=10))
        with contextlib.suppress(RequestRefused):
            await answers(desks, tool)
    assert len(await desks.notes(tool)) == 1
