"""What Graph answers decides whether, when and how often a write is tried again.

On the whole stack; test_answers_of_graph has every answer, on a virtual clock.
"""

from typing import Any

import pytest
from asking import patch_managed, set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl


def suffering(graph: TenantControl, method: str = "PATCH", **fault: Any) -> dict[str, Any]:
    """A device whose next write meets a fault."""
    device = graph.add_device()
    graph.fault(device["id"], method=method, **fault)
    return device


@pytest.mark.parametrize(
    "fault", [{"status": 401}, {"status": 503}, {"drop": "before"}], ids=["401", "503", "reset"]
)
def test_what_may_pass_is_tried_again(
    sluice: Sluice, graph: TenantControl, fault: dict[str, Any]
) -> None:
    device = suffering(graph, **fault)
    change = sluice.wait(sluice.accepted(set_attribute(device, "x")))
    assert change["state"] == "verified"
    assert len(graph.journal(device["id"], "PATCH")) == 2
    assert len(graph.effects(device["id"])) == 1


def test_what_stays_wrong_fails_at_once_and_is_dead_lettered(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = suffering(graph, status=403)
    change = sluice.wait(sluice.accepted(set_attribute(device, "x")))
    assert change["state"] == "failed"
    assert change["failure"]["code"] == "graph-403-Authorization_RequestDenied"
    assert len(graph.journal(device["id"], "PATCH")) == 1
    assert queues.dead_change(change["id"])


def test_no_try_comes_before_the_time_that_graph_asked_for(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = suffering(graph, status=429, headers={"Retry-After": "1.5"})
    assert sluice.wait(sluice.accepted(set_attribute(device, "x")))["state"] == "verified"
    first, second = graph.journal(device["id"], "PATCH")
    assert second["at"] - first["finishedAt"] >= 1.5


def test_attempts_end(sluice: Sluice, graph: TenantControl, queues: Queues) -> None:
    device = suffering(graph, status=503, times=None)
    change = sluice.wait(sluice.accepted(set_attribute(device, "x")))
    assert (change["state"], change["failure"]["code"]) == ("failed", "attempts-exhausted")
    assert "graph-503" in change["failure"]["detail"]
    assert len(graph.journal(device["id"], "PATCH")) == 4
    assert queues.dead_change(change["id"])


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"status": 504, "afterEffect": True}])
def test_a_patch_whose_answer_is_lost_is_not_sent_twice(
    sluice: Sluice, graph: TenantControl, fault: dict[str, Any]
) -> None:
    device = suffering(graph, **fault)
    change = sluice.wait(sluice.accepted(set_attribute(device, "x")))
    assert change["state"] == "verified"
    assert change["before"] == {"extensionAttributes": {"extensionAttribute1": None}}
    assert len(graph.journal(device["id"], "PATCH")) == 1


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"status": 504, "afterEffect": True}])
def test_an_action_whose_answer_is_lost_is_not_sent_twice(
    sluice: Sluice, graph: TenantControl, vault: SecretClient, fault: dict[str, Any]
) -> None:
    device = graph.add_managed_device()
    graph.fault(device["id"], method="POST", **fault)
    vault.set_secret("hub-retries", "x")
    account = {"userPrincipalName": "hub@x.example", "passwordSecret": {"name": "hub-retries"}}
    change = sluice.wait(sluice.accepted(update_account(device, account)))
    assert change["state"] == "verified"
    assert len(graph.journal(device["id"], "POST")) == 1


def test_a_look_that_fails_is_taken_again(sluice: Sluice, graph: TenantControl) -> None:
    device = suffering(graph, method="GET", status=503, times=2)
    change = sluice.wait(sluice.accepted(set_attribute(device, "x")))
    assert change["state"] == "verified"
    assert len(graph.effects(device["id"])) == 1


def test_intune_s_own_words_are_unwrapped_without_their_urls(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_managed_device()
    nested = (
        '{"_version": 3, "Message": "The owner is wrong. - Operation ID (for customer support): 1'
        " - Url: https://fef.contoso.example/StatelessDevice/devices('1')?api-version=1\"}"
    )
    body = {"error": {"code": "BadRequest", "message": nested}}
    graph.fault(device["id"], method="PATCH", status=400, body=body)
    change = sluice.wait(sluice.accepted(patch_managed(device, notes="x")))
    assert change["failure"]["code"] == "graph-400-BadRequest"
    assert change["failure"]["detail"] == "The owner is wrong."
