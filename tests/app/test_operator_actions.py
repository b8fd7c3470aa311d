"""What a person may do with a change: cancel it, release it."""

import json
import uuid
from typing import Any

import pytest
from asking import patch_managed, set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack

FAR = "2099-01-01T00:00:00Z"


@pytest.fixture
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


def code(answer: Any) -> tuple[int, str]:
    """The status of a refusal, and its code."""
    return answer.status_code, answer.json()["errors"][0]["code"]


def written(graph: TenantControl, device: dict[str, Any]) -> list[str]:
    effects = graph.effects(device["id"])
    return [each["body"]["extensionAttributes"]["extensionAttribute1"] for each in effects]


def test_a_held_change_that_is_cancelled_is_never_written(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    change = sluice.accepted({**set_attribute(device, "x"), "notBefore": FAR})
    answer = sluice.act(change, "cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert queues.outcome(change)["state"] == "cancelled"
    again = sluice.act(change, "cancel")
    assert (again.status_code, again.json()["timeline"]) == (200, answer.json()["timeline"])
    assert sluice.get(change)["dueAt"] is None
    assert graph.journal(device["id"]) == []
    assert len(queues.outcomes(change)) == 1


def test_the_next_in_line_goes_on_without_the_one_that_was_cancelled(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", delaySeconds=1.5)
    first, second, third = (
        sluice.accepted(set_attribute(device, value)) for value in ("first", "second", "third")
    )
    sluice.wait(first, "applying")
    assert sluice.act(second, "cancel").json()["state"] == "cancelled"
    assert sluice.wait(third)["state"] == "verified"
    assert sluice.get(second)["state"] == "cancelled"
    assert written(graph, device) == ["first", "third"]


def test_a_change_whose_write_may_be_out_is_not_cancelled(
    sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> None:
    slow, device = graph.add_device(), graph.add_managed_device()
    graph.fault(slow["id"], method="PATCH", delaySeconds=1.5)
    under_way = sluice.accepted(set_attribute(slow, "x"))
    sluice.wait(under_way, "applying")
    assert code(sluice.act(under_way, "cancel")) == (409, "not-cancellable")
    name = f"hub-{uuid.uuid4()}"
    vault.set_secret(name, "secret")
    graph.behave(device["id"], outcome="pending")
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": name}}
    taken = sluice.accepted(update_account(device, account))
    sluice.wait(taken, "applied")
    assert code(sluice.act(taken, "cancel")) == (409, "not-cancellable")
    assert sluice.wait(under_way)["state"] == "verified"
    assert code(sluice.act(under_way, "cancel")) == (409, "not-cancellable")


def test_a_change_is_released_before_its_window_only_when_that_is_said(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    change = sluice.accepted({**set_attribute(device, "x"), "notBefore": FAR})
    for options in (None, {}, {"window": False}):
        assert code(sluice.act(change, "release", options)) == (409, "window-not-open")
    answer = sluice.act(change, "release", {"window": True})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert sluice.wait(change)["state"] == "verified"
    assert written(graph, device) == ["x"]
    assert code(sluice.act(change, "release", {"window": True})) == (409, "not-releasable")


@pytest.mark.parametrize("action", ["cancel", "release", "reverse"])
def test_an_action_on_no_change_or_with_a_malformed_body_is_refused(
    sluice: Sluice, graph: TenantControl, action: str
) -> None:
    for unknown in (uuid.uuid4(), "none"):
        assert code(sluice.act(str(unknown), action)) == (404, "unknown-change")
    request = patch_managed(graph.add_managed_device(), notes="x")
    change = sluice.accepted({**request, "notBefore": FAR})
    for options, wanted in (
        ([], (422, "wrong-type")),
        ({"extra": True}, (422, "unknown-member")),
        ({"window": 1}, (422, "wrong-type" if action == "release" else "unknown-member")),
    ):
        assert code(sluice.act(change, action, options)) == wanted
    broken = sluice.http.post(f"/changes/{change}/{action}", content=b"{")
    assert code(broken) == (400, "not-json")
    assert sluice.get(change)["state"] == "held"


def test_the_command_shows_cancels_releases_and_reverses(
    sluice: Sluice, graph: TenantControl, operator: OperatorCommand
) -> None:
    device = graph.add_device()
    change = sluice.accepted({**set_attribute(device, "x"), "notBefore": FAR})
    assert operator.run("changes", "release", "--window", change) == (0, [f"{change}  accepted"])
    sluice.wait(change, "verified")
    shown, lines = operator.run("changes", "show", change)
    assert (shown, json.loads("\n".join(lines))) == (0, sluice.get(change))
    reversed_, [line] = operator.run("changes", "reverse", change)
    assert reversed_ == 0
    assert sluice.wait(line.partition(" ")[0])["state"] == "verified"
    sluice.wait(change, "reversed")
    other = sluice.accepted({**set_attribute(device, "y"), "notBefore": FAR})
    assert operator.run("changes", "cancel", other) == (0, [f"{other}  cancelled"])


def test_the_command_says_no_when_the_change_does_not_allow_it(
    sluice: Sluice, graph: TenantControl, operator: OperatorCommand
) -> None:
    request = {**set_attribute(graph.add_device(), "x"), "notBefore": FAR}
    assert operator.run("changes", "release", sluice.accepted(request)) == (1, [])
