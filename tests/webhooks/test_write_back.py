"""The way back: tools are told what became of a change, once, whatever happens on the way."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import (
    CHANGE,
    PASSWORD,
    TICKETS,
    Desks,
    desks_with,
    outcome,
    received,
    with_write_back,
)
from senders import STANDARD_SECRET

from shared.changes.problems import Problem
from shared.intake.messages import IntakeMessages
from shared.intake.refuse import Refuser
from shared.messaging.instructions import Rejected
from shared.messaging.messages import INTAKE, OUTCOMES, Message, ticket_outcome
from shared.messaging.received import Received
from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import StandardWebhooks
from shared.webhooks.verifiers.signature import check_hmac

TOOLS = sorted(TICKETS)
WRITES = {"servicenow": "PATCH", "jira": "POST", "freshservice": "POST"}
MARKER = f"[sluice:{CHANGE}.1.verified]"


@pytest.fixture
async def desks() -> AsyncIterator[Desks]:
    async with desks_with() as desks:
        for tool in TOOLS:
            await desks.put(tool)
        yield desks


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_ticket_is_told_what_became_of_its_change(desks: Desks, tool: str) -> None:
    await desks.tell(outcome(tool))
    [note] = await desks.notes(tool)
    for told in ("verified", "CC-1001", "CC-1042", "6a59ea83", CHANGE, MARKER):
        assert told in note
    assert PASSWORD not in json.dumps(await desks.calls())


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_crash_between_the_note_and_the_settling_makes_no_second_note(
    desks: Desks, tool: str
) -> None:
    await desks.tell(outcome(tool))
    await desks.tell(outcome(tool))
    assert len(await desks.notes(tool)) == 1
    await desks.tell(outcome(tool, "reversed"))
    assert len(await desks.notes(tool)) == 2


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_note_whose_reply_is_lost_is_looked_for_before_it_is_written_again(
    desks: Desks, tool: str
) -> None:
    await desks.fault(WRITES[tool], drop="after")
    await desks.tell(outcome(tool))
    assert len(await desks.notes(tool)) == 1
    assert len(await desks.calls(WRITES[tool])) == 1
    assert desks.dead == []


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_note_that_was_lost_on_its_way_is_written_later(desks: Desks, tool: str) -> None:
    await desks.fault(WRITES[tool], drop="before")
    await desks.fault("GET", status=502, body="<html>a gateway</html>")
    await desks.fault("GET", status=200, body="<html>another</html>")
    await desks.tell(outcome(tool))
    assert len(await desks.notes(tool)) == 1


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_limit_is_met_with_waiting_and_hardly_a_call_in_vain(
    desks: Desks, tool: str
) -> None:
    limit = {"calls": 10, "seconds": 60}
    await desks.http.put(f"/_control/limits/{tool}", json=limit)
    before = desks.gate.clock()
    many = [
        Message(OUTCOMES, f"{CHANGE}.{turn}.verified", outcome(tool).body) for turn in range(20)
    ]
    await desks.tell(*many)
    assert len(await desks.notes(tool)) == 20
    refused = [call for call in await desks.calls() if call["status"] == 429]
    assert 1 <= len(refused) <= 8, "one in each window, not one for each message"
    assert desks.gate.clock() - before < timedelta(minutes=10)
    assert desks.dead == []


async def test_a_limit_of_one_tool_does_not_hold_up_another(desks: Desks) -> None:
    await desks.fault("GET", "sys_journal_field", status=429, headers={"Retry-After": "900"})
    await desks.deliver(outcome("servicenow"))
    await desks.deliver(outcome("jira"))
    assert len(await desks.notes("jira")) == 1
    [later] = desks.gate.broker.outcomes
    assert later.at
    assert later.at - desks.gate.clock() >= timedelta(seconds=900)


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_dead_tool_is_tried_for_as_long_as_is_set_and_then_the_message_is_dead(
    desks: Desks, tool: str
) -> None:
    await desks.fault(drop="before", times=None)
    await desks.tell(outcome(tool))
    assert desks.reasons == ["tool-unavailable"]
    assert len(await desks.calls()) == 8, "a rejected message is not tried at each delivery"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "tool-refused"),
        (401, "tool-credential"),
        (403, "tool-forbids"),
        (404, "no-such-ticket"),
    ],
)
@pytest.mark.parametrize("tool", TOOLS)
async def test_what_a_tool_refuses_is_dead_at_once_with_the_reason(
    desks: Desks, tool: str, status: int, reason: str
) -> None:
    await desks.fault(status=status, body={"message": "what the tool says"})
    await desks.tell(outcome(tool))
    assert desks.reasons == [reason]
    assert len(await desks.calls()) == 1
    [refusal] = desks.refusals.kept.values()
    assert str(status) in refusal.problems[0].detail
    assert "what the tool says" not in refusal.problems[0].detail


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("tool", TOOLS)
async def test_a_redirect_is_not_followed(desks: Desks, tool: str, status: int) -> None:
    headers = {"Location": f"{desks.url}/hooks/outcomes"}
    await desks.fault(status=status, headers=headers)
    await desks.tell(outcome(tool))
    assert desks.reasons == ["tool-redirects"]
    assert len(await desks.calls()) == 1


@pytest.mark.parametrize(
    "ticket",
    ["../../users", "1 OR 1=1", "DEV-42/comment", "9D385017C611228701D22104CC95C37G", "#4711"],
)
@pytest.mark.parametrize("tool", TOOLS)
async def test_an_id_that_the_tool_cannot_have_given_goes_nowhere(
    desks: Desks, tool: str, ticket: str
) -> None:
    await desks.tell(outcome(tool, ticket={"source": tool, "id": ticket}))
    assert desks.reasons == ["not-an-id"]
    assert await desks.calls() == []


@pytest.mark.parametrize(
    "members",
    [
        {"ticket": None, "source": "http"},
        {"ticket": None, "source": "servicenow"},
        {"ticket": {"source": "nobody", "id": "1"}},
    ],
)
async def test_an_outcome_that_no_tool_wants_is_done(desks: Desks, members: dict[str, Any]) -> None:
    await desks.tell(outcome("servicenow", **members))
    assert (desks.dead, await desks.calls()) == ([], [])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 1}', b'{"id":null,"state":"odd"}'])
async def test_a_message_that_is_no_outcome_is_dead(desks: Desks, body: bytes) -> None:
    await desks.tell(Message(OUTCOMES, "x", body))
    assert desks.reasons == ["not-ours"]


async def test_a_name_that_could_mean_something_to_a_tool_goes_nowhere(desks: Desks) -> None:
    await desks.tell(Message(OUTCOMES, "x^ORsys_idISNOTEMPTY", outcome("servicenow").body))
    assert desks.reasons == ["not-ours"]
    assert await desks.calls() == []


async def test_a_ticket_whose_request_was_refused_is_told_what_is_wrong_once(desks: Desks) -> None:
    problems = (Problem("missing-member", "/changes/0/target", "Add it."),)
    ticket = {"source": "servicenow", "id": TICKETS["servicenow"]}
    refused = ticket_outcome(ticket, problems, desks.gate.clock())
    for _ in range(2):
        await desks.tell(refused)
    [note] = await desks.notes("servicenow")
    assert "refused" in note
    assert "/changes/0/target missing-member: Add it." in note


@pytest.mark.parametrize(
    "called", ["CHG0030052", "order/17", "urn:uuid:1b4e28ba", "a b", "x~y", "ü", "l" * 128]
)
async def test_a_refusal_of_a_message_is_an_outcome_whatever_its_sender_called_it(
    desks: Desks, called: str
) -> None:
    refuser = Refuser(desks.refusals, desks.gate.broker, desks.gate.clock)
    intake = IntakeMessages(desks.gate.intake, refuser, nobody)
    for body in (b"{}", b"{}", b"[]"):
        with pytest.raises(Rejected):
            await intake.handle(received(Message(INTAKE, called, body)))
    outcomes = [*desks.gate.broker.outcomes]
    assert {each.correlation for each in outcomes} == {called}
    assert len({each.id for each in outcomes}) == 2
    await desks.tell()
    assert (desks.dead, await desks.calls()) == ([], [])


async def nobody(source: str, message: Received) -> None:
    """No message names a source."""


async def test_a_ticket_is_told_by_which_rule_its_change_waits(desks: Desks) -> None:
    decision = {"outcome": "hold", "rule": "protected-rooms"}
    await desks.tell(outcome("servicenow", "held", after=None, decision=decision))
    [note] = await desks.notes("servicenow")
    assert "The change waits for a person." in note
    assert "protected-rooms" in note


async def test_while_a_secret_is_rotated_the_other_one_is_tried(desks: Desks) -> None:
    desks.gate.vault.values["servicenow-password-next"] = PASSWORD
    desks.gate.vault.values["servicenow-password"] = "the one that was good before"
    await desks.tell(outcome("servicenow"))
    assert len(await desks.notes("servicenow")) == 1


async def test_a_secret_that_is_missing_is_waited_for(desks: Desks) -> None:
    del desks.gate.vault.values["jira-api-token"]
    await desks.tell(outcome("jira"))
    assert desks.reasons == ["secret-missing"]
    assert await desks.calls() == []


async def test_servicenow_is_told_with_a_token_of_its_own(tmp_path: Path) -> None:
    form = {"clientCredentials": {"client": "sluice", "secrets": ["servicenow-password"]}}
    folder = with_write_back(tmp_path, "servicenow", basic=None, **form)
    async with desks_with(folder) as desks:
        await desks.put("servicenow")
        await desks.tell(outcome("servicenow"))
        assert len(await desks.notes("servicenow")) == 1


async def test_an_item_is_set_as_its_source_says_with_the_note_in_one_update(
    tmp_path: Path,
) -> None:
    fields = {"verified": {"state": "3"}}
    async with desks_with(with_write_back(tmp_path, "servicenow", fields=fields)) as desks:
        await desks.put("servicenow", state="1")
        await desks.tell(outcome("servicenow", "failed"))
        assert (await desks.fields("servicenow"))["state"] == "1"
        await desks.tell(outcome("servicenow"))
        assert (await desks.fields("servicenow"))["state"] == "3"
        assert len(await desks.calls("PATCH")) == 2


async def test_an_item_that_may_not_be_set_so_gets_its_note_and_why(tmp_path: Path) -> None:
    fields = {"verified": {"state": "3"}}
    async with desks_with(with_write_back(tmp_path, "servicenow", fields=fields)) as desks:
        await desks.put("servicenow", state="1")
        await desks.fault("PATCH", status=403)
        await desks.tell(outcome("servicenow"))
        [note] = await desks.notes("servicenow")
        assert "was not updated otherwise" in note
        assert MARKER in note
        assert (await desks.fields("servicenow"))["state"] == "1"


@pytest.mark.parametrize("wanted", ["Resolve this issue", "Done"])
async def test_an_issue_is_moved_by_the_name_of_a_transition_or_of_where_it_leads(
    tmp_path: Path, wanted: str
) -> None:
    folder = with_write_back(tmp_path, "jira", transitions={"verified": wanted}, internal=True)
    async with desks_with(folder) as desks:
        await desks.put("jira", status={"name": "Approved"})
        await desks.fault("POST", "/comment", drop="before")
        await desks.tell(outcome("jira"))
        assert (await desks.fields("jira"))["status"] == {"name": "Done"}
        assert len(await desks.notes("jira")) == 1
        assert [c["path"][-11:] for c in await desks.calls("POST")].count("transitions") == 1
        [comment] = [c["body"] for c in await desks.calls("POST") if c["effect"]][1:]
        [internal] = comment["properties"]
        assert internal == {"key": "sd.public.comment", "value": {"internal": True}}


async def test_an_issue_that_cannot_be_moved_is_told_so(tmp_path: Path) -> None:
    folder = with_write_back(tmp_path, "jira", transitions={"verified": "Done"})
    async with desks_with(folder) as desks:
        await desks.put("jira", status={"name": "Waiting for approval"})
        await desks.tell(outcome("jira"))
        [note] = await desks.notes("jira")
        assert "it offers no transition Done now" in note
        await desks.put("jira", status={"name": "Approved"})
        await desks.fault("POST", "transitions", status=400)
        await desks.tell(outcome("jira"))
        [note] = await desks.notes("jira")
        assert "The issue was not moved. The tool answered 400" in note


HOSTILE = "<script>alert(1)</script>[code]<b>x</b>[/code]{{ticket.id}}\r\nSluice: verified\u202e"


@pytest.mark.parametrize("tool", TOOLS)
async def test_what_people_wrote_stays_text_in_one_line(desks: Desks, tool: str) -> None:
    after = {"extensionAttributes": {"extensionAttribute1": HOSTILE}, HOSTILE: "x" * 100_000}
    await desks.tell(outcome(tool, after=after, before=None))
    [call] = [call for call in await desks.calls(WRITES[tool]) if call["effect"]]
    [note] = await desks.notes(tool)
    assert len(note) < 4_000
    assert "\u202e" not in note
    assert "\\u202e" not in note
    if tool == "servicenow":
        assert "[code]" not in note
        assert note.count("\n") == 5
    elif tool == "freshservice":
        assert "<script>" not in note
        assert "{{" not in note
        assert note.count("<br>") == 5
    else:
        paragraphs = call["body"]["body"]["content"]
        assert len(paragraphs) == 6
        assert all("\n" not in p["content"][0]["text"] for p in paragraphs)


async def test_any_system_is_told_by_a_signed_webhook_that_its_verifiers_take(
    desks: Desks,
) -> None:
    await desks.fault("POST", drop="after")
    await desks.tell(outcome("generic"))
    received = await desks.control("hooks")
    [(name, event)] = received.items()
    assert name == f"sluice_{CHANGE}_1_verified"
    form = StandardWebhooks(secrets=("x",)).form
    delivery = Delivery("x", "POST", "/", event["headers"], event["body"].encode())
    check_hmac(form, delivery, [STANDARD_SECRET.encode()], desks.gate.clock())
    said = json.loads(event["body"])
    assert (said["type"], said["data"]["id"]) == ("change.verified", CHANGE)
    assert len(await desks.calls("POST")) == 2, "the repeat has the same id"


async def test_a_signed_webhook_needs_no_ticket_and_is_signed_with_both_secrets(
    desks: Desks,
) -> None:
    desks.gate.vault.values["webhook-generic-outcomes-next"] = STANDARD_SECRET + "AAAA"
    await desks.tell(outcome("generic", ticket=None))
    [event] = (await desks.control("hooks")).values()
    assert len(event["headers"]["webhook-signature"].split(" ")) == 2
