"""Dead letters: the real queue, the recorded reasons, and redrive that does nothing twice."""

import json
import re
import uuid
from pathlib import Path

import pytest
from asking import patch_managed, set_attribute
from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import AmqpAnnotatedMessage
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack


@pytest.fixture(scope="session")
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


def failed(sluice: Sluice, graph: TenantControl, queues: Queues) -> tuple[str, str]:
    """A device and a change of it that Graph refused once."""
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", status=403)
    change = sluice.accepted(set_attribute(device, "x"))
    queues.dead_change(change)
    return device["id"], change


def test_a_failed_change_is_listed_with_its_reason(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    _, change = failed(sluice, graph, queues)
    [letter] = [each for each in operator.dead_letters() if each["id"] == change]
    assert (letter["queue"], letter["operation"]) == ("changes", "patchDevice")
    assert letter["code"].startswith("graph-403")
    assert letter["detail"] == sluice.get(change)["failure"]["detail"]
    assert letter["deliveryCount"] == 5


def test_a_redriven_change_is_verified_once_its_cause_is_gone(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    device, change = failed(sluice, graph, queues)
    assert operator.run("dead-letters", "redrive", change) == (0, [f"{change}  redriven"])
    assert sluice.wait(change, "verified")["failure"] is None
    assert len(graph.effects(device)) == 1
    assert [each["state"] for each in queues.outcomes(change)] == ["failed", "verified"]
    code, lines = operator.run("dead-letters", "redrive", change)
    assert (code, lines) == (1, [f"no dead letter has the id {change}"])
    assert len(graph.journal(device, "PATCH")) == 2


def test_redriving_by_two_operators_at_once_sends_one_more_write(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    device, change = failed(sluice, graph, queues)
    for command in [operator.start("dead-letters", "redrive", change) for _ in range(2)]:
        command.end()
    sluice.wait(change, "verified")
    assert len(graph.journal(device, "PATCH")) == 2
    assert len(graph.effects(device)) == 1


def test_all_dead_letters_are_redriven_and_those_that_fail_again_die_again(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    (_, one), (_, other) = (failed(sluice, graph, queues) for _ in range(2))
    nobody = {"id": "00000000-0000-4000-8000-000000000000"}
    hopeless = sluice.accepted(patch_managed(nobody, notes="x"))
    queues.dead_change(hopeless)
    _, lines = operator.run("dead-letters", "redrive", "--all", "--queue", "changes")
    assert {f"{each}  redriven" for each in (one, other, hopeless)} <= set(lines)
    for change in (one, other):
        sluice.wait(change, "verified")
    assert sluice.wait(hopeless, "failed")["failure"]["code"].startswith("graph-404")
    assert queues.dead_change(hopeless)


def test_a_change_that_was_never_confirmed_is_looked_for_before_it_is_written_again(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", staleReads=4)
    change = sluice.accepted(set_attribute(device, "x"))
    assert sluice.wait(change)["failure"]["code"] == "not-confirmed"
    queues.dead_change(change)
    operator.run("dead-letters", "redrive", change)
    ended = sluice.wait(change, "verified")
    assert ended["before"] == {"extensionAttributes": {"extensionAttribute1": None}}
    assert len(graph.journal(device["id"], "PATCH")) == 1


def test_a_refused_message_is_listed_and_redriven(
    queues: Queues, operator: OperatorCommand
) -> None:
    message_id = queues.send_intake({"operation": "unknown"})
    queues.dead_letter("intake", message_id)
    [letter] = [each for each in operator.dead_letters() if each["id"] == message_id]
    assert (letter["queue"], letter["code"]) == ("intake", "unknown-operation")
    assert operator.run("dead-letters", "redrive", message_id) == (0, [f"{message_id}  redriven"])
    assert queues.dead_letter("intake", message_id), "it is refused again"


def test_a_body_that_no_function_can_be_given_is_listed_and_cannot_be_redriven(
    queues: Queues, operator: OperatorCommand
) -> None:
    for body in ({"value_body": {"operation": "patchDevice"}}, {"sequence_body": [["x"]]}):
        message_id = str(uuid.uuid4())
        queues.send("intake", AmqpAnnotatedMessage(properties={"message_id": message_id}, **body))
        queues.dead_letter("intake", message_id)
        [letter] = [each for each in operator.dead_letters() if each["id"] == message_id]
        assert letter["code"] == "not-bytes"
        code, lines = operator.run("dead-letters", "redrive", message_id)
        assert (code, lines) == (1, [f"{message_id}  cannot be redriven"])


def test_a_refused_text_in_an_amqp_value_is_listed_with_its_reason(
    queues: Queues, operator: OperatorCommand
) -> None:
    message_id = str(uuid.uuid4())
    text = AmqpAnnotatedMessage(value_body="{", properties={"message_id": message_id})
    queues.send("intake", text)
    queues.dead_letter("intake", message_id)
    [letter] = [each for each in operator.dead_letters() if each["id"] == message_id]
    assert letter["code"] == "not-json"


NOBODY = "6f1d0f2e-3c0a-4c1e-9b57-0a7d5c0f9e11"


@pytest.mark.parametrize("body", ["no JSON", f'{{"operation": "{NOBODY}", "turn": 0}}'])
def test_a_message_on_changes_that_names_no_change_on_record_is_listed_as_not_ours(
    queues: Queues, operator: OperatorCommand, body: str
) -> None:
    message_id = str(uuid.uuid4())
    queues.send(
        "changes", ServiceBusMessage(body, message_id=message_id, session_id="directory-00")
    )
    queues.dead_letter("changes", message_id)
    [letter] = [each for each in operator.dead_letters() if each["id"] == message_id]
    assert letter["code"] == "not-ours"
    code, lines = operator.run("dead-letters", "redrive", message_id)
    assert (code, lines) == (1, [f"{message_id}  cannot be redriven"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "in JSON"),
        ("[]", "in JSON"),
        ("{}", "in JSON"),
        ('{"Values": {}}', "ServiceBus"),
    ],
)
def test_settings_that_cannot_be_used_are_named_without_a_stack_trace(
    tmp_path: Path, content: str | None, said: str
) -> None:
    settings = tmp_path / "settings.json"
    if content is not None:
        settings.write_text(content)
    code, error = OperatorCommand(settings).fault("dead-letters", "list")
    assert (code, error.count("\n")) == (2, 1)
    assert error.startswith("settings: ")
    assert said in error


def test_a_namespace_that_does_not_answer_is_named_without_a_stack_trace(
    stack: BlockingStack, tmp_path: Path
) -> None:
    document = json.loads(stack.endpoints.settings.read_text())
    connection = document["Values"]["ServiceBus"]
    document["Values"]["ServiceBus"] = re.sub("//[^;]+", "//127.0.0.1:9", connection)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(document))
    code, error = OperatorCommand(settings).fault("dead-letters", "list")
    assert code == 1
    assert error.startswith("ServiceBusConnectionError: ")
    assert "Traceback" not in error
