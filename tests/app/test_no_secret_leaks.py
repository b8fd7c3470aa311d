"""A password that is sent in every place it can be sent is afterwards in none that is kept."""

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.keyvault.secrets import SecretClient
from azure.servicebus.amqp import AmqpMessageBodyType
from ingestion import Ingestion
from malformed import PASSWORDS, SECRET
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack

CORE = "Kan4rien"
"""What is looked for: a password that was cut, escaped or reformatted is a leak as well."""
PASSWORD = f'{CORE}  v0gel\t"\\/é'
PASSWORDS_BY_SECRET = {"canary": PASSWORD, "plain-canary": CORE}


def spreads(body: bytes) -> bytes:
    """A malformed body with the password in place of its secret, in UTF-8 or UTF-16."""
    for encoding in ("utf-8", "utf-16-le"):
        body = body.replace(SECRET.encode(encoding), CORE.encode(encoding))
    return body


def request(device: dict[str, Any], secret: str) -> dict[str, Any]:
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": secret}}
    return {
        "operation": "updateDeviceAccount",
        "target": {"managedDeviceId": device["id"]},
        "set": {"deviceAccount": account},
    }


ECHOES: dict[str, dict[str, Any]] = {
    "none": {},
    "in the message": {
        "status": 400,
        "body": {"error": {"code": "BadRequest", "message": f"The value {PASSWORD} is wrong."}},
    },
    "cut by the longest detail": {
        "status": 400,
        "body": {"error": {"code": "BadRequest", "message": "x" * 488 + f" {PASSWORD}"}},
    },
    "as the code": {"status": 403, "body": {"error": {"code": CORE, "message": ""}}},
    "escaped, in Intune's own document": {
        "status": 400,
        "body": {
            "error": {
                "code": "BadRequest",
                "message": json.dumps({"Message": json.dumps({"password": PASSWORD})}),
            }
        },
    },
    "once, in a page of a gateway": {"status": 423, "body": f"<html>{PASSWORD}</html>"},
    "once, before it is asked to wait": {
        "status": 429,
        "headers": {"Retry-After": "0.1", "x-echo": CORE},
        "body": {"error": {"code": "TooManyRequests", "message": PASSWORD}},
    },
}


@dataclass
class Aftermath:
    """What was answered, and what became of the changes, by the kind of echo."""

    answers: list[str] = field(default_factory=list)
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def aftermath(
    sluice: Sluice, graph: TenantControl, queues: Queues, vault: SecretClient
) -> Aftermath:
    """The password was sent in every place, and everything has ended."""
    after = Aftermath()
    for secret, value in PASSWORDS_BY_SECRET.items():
        vault.set_secret(secret, value)
    ids = {}
    for echo, fault in ECHOES.items():
        device = after.devices[echo] = graph.add_managed_device()
        secret = "plain-canary" if echo == "as the code" else "canary"
        if fault:
            graph.fault(device["id"], method="POST", **fault)
        ids[echo] = sluice.accepted(request(device, secret), key=f"{echo} {uuid.uuid4()}")
    bodies = [spreads(bad.body) for bad in PASSWORDS]
    assert all(CORE.encode() in body.replace(b"\0", b"") for body in bodies)
    after.messages = [queues.send_intake(body) for body in bodies]
    after.answers = [sluice.post(body).text for body in bodies]
    for echo, change in ids.items():
        after.changes[echo] = sluice.wait(change)
    for message_id in after.messages:
        queues.dead_letter("intake", message_id)
        queues.outcome(message_id)
    return after


@pytest.mark.parametrize(
    "echo", ["none", "once, in a page of a gateway", "once, before it is asked to wait"]
)
def test_the_password_reaches_the_device(
    graph: TenantControl, aftermath: Aftermath, echo: str
) -> None:
    assert aftermath.changes[echo]["state"] == "verified"
    device = aftermath.devices[echo]["id"]
    assert graph.call("POST", f"/accounts/{device}/verify", {"password": PASSWORD})["opens"]


@pytest.mark.parametrize(
    ("echo", "code"),
    [
        ("in the message", "graph-400-BadRequest"),
        ("cut by the longest detail", "graph-400-BadRequest"),
        ("as the code", "graph-403"),
        ("escaped, in Intune's own document", "graph-400-BadRequest"),
    ],
)
def test_an_error_that_repeats_the_password_is_told_without_graphs_words(
    aftermath: Aftermath, echo: str, code: str
) -> None:
    failure = aftermath.changes[echo]["failure"]
    assert failure["code"] == code
    assert failure["detail"].startswith("Graph's words are not kept")


def test_it_is_in_no_answer(sluice: Sluice, aftermath: Aftermath) -> None:
    assert CORE not in "".join(aftermath.answers)
    assert CORE not in json.dumps(list(aftermath.changes.values()))


def test_it_is_in_no_telemetry(telemetry: Ingestion, aftermath: Aftermath) -> None:
    eventually(lambda: "sluice.changes.ended" in telemetry.metrics())
    told = telemetry.file.read_text()
    assert "graph POST" in told
    assert CORE not in told
    assert "hub@contoso.example" not in told


def test_it_is_in_no_log(stack_folder: Path, aftermath: Aftermath) -> None:
    logs = {
        path.name: path.read_text(errors="replace") for path in (stack_folder / "logs").iterdir()
    }
    assert "changes_message" in logs["host.log"]
    assert [name for name, text in logs.items() if CORE in text] == []


def test_it_is_in_no_table(stack: BlockingStack, aftermath: Aftermath) -> None:
    read = 0
    with TableServiceClient.from_connection_string(stack.endpoints.table_connection) as service:
        for table in service.list_tables():
            for entity in service.get_table_client(table.name).list_entities():
                read += 1
                assert CORE not in repr(dict(entity)), table.name
    assert read > len(PASSWORDS)


@pytest.mark.parametrize(
    ("queue", "dead"),
    [
        ("intake", False),
        ("intake", True),
        ("changes", True),
        ("outcomes", False),
        ("outcomes", True),
    ],
)
def test_it_is_in_no_message(queues: Queues, aftermath: Aftermath, queue: str, dead: bool) -> None:
    # Active messages of `changes` cannot be peeked from outside; they hold an id and a number.
    for message in queues.peek(queue, dead=dead):
        # Another test's message may be no bytes at all.
        if message.body_type is AmqpMessageBodyType.DATA:
            assert CORE.encode() not in b"".join(message.body).replace(b"\0", b"")
        assert CORE not in repr((message.application_properties, message.subject))
        assert CORE not in repr((message.dead_letter_reason, message.dead_letter_error_description))


def test_graph_saw_it_in_no_address_and_no_header(
    graph: TenantControl, aftermath: Aftermath
) -> None:
    entries = [
        entry for device in aftermath.devices.values() for entry in graph.journal(device["id"])
    ]
    assert entries
    for entry in entries:
        del entry["fault"]  # says what this test planned, the password with it
        assert CORE not in json.dumps(entry)
