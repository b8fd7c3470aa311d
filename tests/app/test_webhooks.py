"""Tickets in over the real way: HTTP, Key Vault, tables and queues."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from asking import set_attribute
from azure.keyvault.secrets import SecretClient
from queues import Queues
from senders import SECRETS, signed
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack
from shared.intake.accept import operation_id
from shared.records.tables import Tables
from shared.records.tickets import TableTickets

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}
CANARY = "Kan4rien-v0gel"


@pytest.fixture(scope="module", autouse=True)
def secrets(vault: SecretClient) -> None:
    for name, value in SECRETS.items():
        vault.set_secret(name, value)


def item(device: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A requested item of ServiceNow's own, approved, with an id of its own."""
    document = yaml.safe_load((ROOT / "sources" / "servicenow.yaml").read_text())
    payload: dict[str, Any] = document["examples"][0]["payload"] | {"sys_id": uuid.uuid4().hex}
    if device:
        payload["variables"] = {"device_id": device["deviceId"], "cost_centre": "CC-1042"}
    return payload | fields


def post(
    sluice: Sluice, payload: Any, *, source: str = "servicenow", path: str = "", **headers: str
) -> httpx.Response:
    """POST as ServiceNow's script does, without a function key."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    sent = JSON | signed("servicenow", body, datetime.now(UTC)) | headers
    request = sluice.http.build_request(
        "POST", f"/webhooks/{source}{path}", content=body, headers=sent
    )
    if not path:
        del request.headers["x-functions-key"]
    return sluice.http.send(request)


def test_an_approved_ticket_changes_its_device_and_its_outcome_names_the_ticket(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    ticket = item(device)
    answer = post(sluice, ticket)
    assert answer.status_code == 202, answer.text
    document = answer.json()
    [change] = document["changes"]
    assert document["status"] == "accepted"
    assert answer.headers["Location"] == f"/api/changes/{change['id']}"
    assert sluice.wait(change["id"])["state"] == "verified"
    told = queues.outcome(change["id"])
    assert told["source"] == "servicenow"
    assert told["ticket"] == {
        "source": "servicenow",
        "id": ticket["sys_id"],
        "number": "RITM0010042",
    }
    again = post(sluice, ticket | {"sys_mod_count": "5"})
    assert (again.status_code, again.json()["status"]) == (202, "duplicate")
    late = post(sluice, ticket | {"sys_mod_count": "4", "approval": "rejected"})
    assert (late.status_code, late.json()["reason"]) == (202, "older-than-seen")


def test_a_ticket_that_cannot_become_a_change_hears_of_it(sluice: Sluice, queues: Queues) -> None:
    ticket = item(approval="requested")
    answer = post(sluice, ticket)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:sluice:problem:not-approved")
    messages = [m for m in queues.peek("outcomes") if m.correlation_id == ticket["sys_id"]]
    assert [m.subject for m in messages] == ["refused"]


def test_nobody_learns_whether_a_source_exists(sluice: Sluice) -> None:
    wrong = {"X-Sluice-Signature": "sha256=" + "A" * 44}
    answers = [
        post(sluice, item(), **wrong),
        post(sluice, item(), source="nobody"),
        post(sluice, item(), source="jira"),
        post(sluice, item(), **{"X-Sluice-Timestamp": "0"}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].headers["WWW-Authenticate"]


def test_a_webhook_of_too_many_bytes_or_in_chunks_is_refused(sluice: Sluice) -> None:
    largest = 256 * 1024
    body = json.dumps(item()).encode()
    assert post(sluice, body + b" " * (largest + 1 - len(body))).status_code == 413
    assert post(sluice, body + b" " * (largest - len(body))).status_code == 202
    headers = JSON | signed("servicenow", body, datetime.now(UTC))
    chunked = sluice.http.post("/webhooks/servicenow", content=iter([body]), headers=headers)
    assert (chunked.status_code, chunked.json()["type"]) == (400, "urn:sluice:problem:empty-body")


def test_validation_explains_and_leaves_nothing_behind(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    good = post(sluice, item(device), path="/validate").json()
    assert (good["verified"], good["status"]) == (True, "accepted")
    assert good["changes"][0]["target"] == {"deviceId": device["deviceId"]}
    unsigned = post(sluice, item(device), path="/validate", **{"X-Sluice-Signature": "x"}).json()
    assert (unsigned["verified"], unsigned["status"]) == (False, "accepted")
    assert "x-sluice-signature holds no" in unsigned["notVerified"]
    refused = post(sluice, item(approval="no"), path="/validate").json()
    assert (refused["status"], refused["problems"][0]["code"]) == ("refused", "not-approved")
    assert post(sluice, item(), source="nobody", path="/validate").status_code == 404
    assert graph.journal(device["deviceId"]) == []


def test_origins_that_no_source_names_may_not_send(sluice: Sluice) -> None:
    answer = sluice.http.options(
        "/webhooks/generic", headers={"WebHook-Request-Origin": "events.example.com"}
    )
    assert answer.status_code == 403
    assert "WebHook-Allowed-Origin" not in answer.headers


def test_a_payload_with_a_password_is_refused_and_in_no_log_no_table_and_no_message(
    sluice: Sluice, queues: Queues, stack: BlockingStack, stack_folder: Path
) -> None:
    named = item(variables={"temp_password": {"value": CANARY}})
    told = item(short_description=f"Your temporary password is: {CANARY}")
    wrong = item(approval=CANARY, state=f"<script>{CANARY}\r\n</script>")
    for payload, code in (
        (named, "password-in-request"),
        (told, "password-in-request"),
        (wrong, "not-approved"),
    ):
        for path in ("", "/validate"):
            answer = post(sluice, payload, path=path)
            assert code in answer.text
            assert CANARY not in answer.text
    logs = "".join(path.read_text(errors="replace") for path in (stack_folder / "logs").iterdir())
    assert CANARY not in logs
    assert all(CANARY.encode() not in b"".join(m.body) for m in queues.peek("outcomes"))


def test_a_message_that_names_a_source_passes_its_mapping(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    payload = {
        "type": "device.change",
        "approved": True,
        "reason": "New floor plan",
        "ticket": {"id": uuid.uuid4().hex},
        "changes": [{"deviceId": device["deviceId"], "extensionAttribute1": "CC-1042"}],
    }
    source: dict[str, str | int] = {"SluiceSource": "generic"}
    queues.send_intake(payload, properties=source)
    refused = payload | {"approved": False, "ticket": {"id": uuid.uuid4().hex}}
    bad = queues.send_intake(refused, properties=source)
    other = queues.send_intake(payload, properties={"SluiceSource": "jira"})
    told = [queues.outcome(message) for message in (bad, other)]
    assert [each["failure"]["code"] for each in told] == ["not-approved", "unknown-source"]
    assert queues.dead_letter("intake", bad)

    def outcomes() -> list[dict[str, Any]]:
        found = [json.loads(b"".join(m.body)) for m in queues.peek("outcomes")]
        ticket = payload["ticket"]["id"]
        return [each for each in found if (each["ticket"] or {}).get("id") == ticket]

    [outcome] = eventually(outcomes)
    assert (outcome["state"], outcome["source"]) == ("verified", "generic")


def test_a_request_may_come_as_a_cloudevent_and_again(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/floorplan",
        "type": "moved",
        "data": set_attribute(device, "CC-1"),
    }
    body = json.dumps(event).encode()
    media_type = {"Content-Type": "application/cloudevents+json"}
    answers = [sluice.post(body, headers=media_type).json() for _ in range(2)]
    assert [each["repeated"] for each in answers] == [False, True]
    assert sluice.wait(answers[0]["id"])["state"] == "verified"


@pytest.mark.parametrize("prefix", ["cloudEvents_", "cloudEvents:"])
@pytest.mark.parametrize("as_sent", [str, str.encode], ids=["text", "bytes"])
def test_a_request_may_come_as_a_cloudevent_over_the_queue_and_again(
    sluice: Sluice, graph: TenantControl, queues: Queues, prefix: str, as_sent: Any
) -> None:
    device = graph.add_device()
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/floorplan",
        "type": "moved",
        "time": "2026-11-20T10:15:31Z",
    }
    for _ in range(2):
        queues.send_intake(
            set_attribute(device, "CC-1"),
            properties={as_sent(f"{prefix}{name}"): as_sent(v) for name, v in event.items()},
        )
    change = operation_id("intake", f"/floorplan {event['id']}")
    eventually(lambda: sluice.http.get(f"/changes/{change}").status_code == 200)
    assert sluice.wait(change)["state"] == "verified"
    assert len(graph.effects(device["id"])) == 1


async def test_of_versions_that_arrive_together_the_newest_is_kept(stack: BlockingStack) -> None:
    tables, ticket = Tables.connect(stack.endpoints.table_connection, None), uuid.uuid4().hex
    try:
        tickets = TableTickets(tables)
        versions = [f"{n:02d}" for n in range(12)]
        seen = await asyncio.gather(*(tickets.see("tool", ticket, each) for each in versions))
        assert seen[-1], "the newest is late to nobody"
        assert not await tickets.see("tool", ticket, "10")
        assert await tickets.see("tool", ticket, "11")
        assert await tickets.see("another-tool", ticket, "01")
    finally:
        await tables.close()
