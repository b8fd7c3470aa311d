"""Dead letters: the real queue, the recorded reasons, and redrive that does nothing twice."""

import pytest
from asking import patch_managed, set_attribute
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack


@pytest.fixture(scope="session")
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints)


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
    processes = [operator.start("dead-letters", "redrive", change) for _ in range(2)]
    for process in processes:
        with process:
            process.communicate()
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
