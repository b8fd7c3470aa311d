"""Multi Admin Approval: what Intune wants approved is held, and repeated as it was once it is."""

import base64
import uuid
from datetime import datetime, timedelta
from typing import Any

from asking import patch_managed, update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

REASON = "Besprechungsraum zieht um, Gebäude 7 (東京)"


def protected_device(graph: TenantControl, **properties: Any) -> dict[str, Any]:
    device = graph.add_managed_device(**properties)
    graph.protect(device["id"])
    return device


def held(sluice: Sluice, request: dict[str, Any]) -> dict[str, Any]:
    return sluice.wait(sluice.accepted({**request, "reason": REASON}), "held", "failed")


def release(sluice: Sluice, change: dict[str, Any]) -> None:
    answer = sluice.act(change["id"], "release")
    assert answer.status_code == 200, answer.text


def writes(graph: TenantControl, device: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in graph.journal(device["id"]) if each["method"] != "GET"]


def approval_header(exchange: dict[str, Any]) -> str | None:
    code: str | None = exchange["headers"].get("x-msft-approval-code")
    return code


def test_a_change_is_held_for_approval_and_the_identical_write_repeated_when_released(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = protected_device(graph)
    change = held(sluice, patch_managed(device, notes="x"))
    approval = change["approval"]
    assert change["state"] == "held"
    assert approval["write"] == {"notes": "x"}
    asked, expires = (datetime.fromisoformat(approval[at]) for at in ("askedAt", "expiresAt"))
    assert expires - asked == timedelta(days=3)
    assert change["dueAt"] == approval["expiresAt"]
    assert graph.effects(device["id"]) == []
    graph.approve(approval["code"])
    release(sluice, change)
    assert sluice.wait(change["id"], "verified")["before"] == {"notes": None}
    first, second = writes(graph, device)
    assert [first[part] for part in ("method", "path", "body")] == [
        second[part] for part in ("method", "path", "body")
    ]
    assert (approval_header(first), approval_header(second)) == (None, approval["code"])
    for exchange in (first, second):
        justification = exchange["headers"]["x-msft-approval-justification"]
        assert base64.b64decode(justification).decode() == REASON
    assert [each["state"] for each in queues.outcomes(change["id"])] == ["verified"]


def test_the_password_of_a_repeated_action_is_the_one_that_was_approved(
    sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> None:
    device, name = protected_device(graph), f"hub-{uuid.uuid4()}"
    used = vault.set_secret(name, "the approved one").properties.version
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": name}}
    change = held(sluice, update_account(device, account))
    sent = change["approval"]["write"]["deviceAccount"]
    assert sent["passwordSecret"] == {"name": name, "version": used}
    vault.set_secret(name, "a newer one")
    graph.approve(change["approval"]["code"])
    release(sluice, change)
    assert sluice.wait(change["id"])["state"] == "verified"
    first, second = writes(graph, device)
    assert first["body"] == second["body"]
    offered = {"password": "the approved one"}
    assert graph.call("POST", f"/accounts/{device['id']}/verify", offered)["opens"]


def test_a_change_that_is_released_before_it_is_approved_is_held_with_a_new_code(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = protected_device(graph)
    change = held(sluice, patch_managed(device, notes="x"))
    release(sluice, change)
    again = sluice.wait(change["id"], "held")
    assert again["approval"]["code"] != change["approval"]["code"]
    graph.approve(again["approval"]["code"])
    release(sluice, again)
    assert sluice.wait(change["id"])["state"] == "verified"
    codes = [approval_header(each) for each in writes(graph, device)]
    assert codes == [None, change["approval"]["code"], again["approval"]["code"]]


def test_graph_is_asked_anew_when_the_approved_write_would_no_longer_do(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = protected_device(graph, managedDeviceName="HUB")
    change = held(sluice, patch_managed(device, notes="x", managedDeviceName="HUB"))
    assert change["approval"]["write"] == {"notes": "x"}
    graph.call("PATCH", f"/objects/managedDevices/{device['id']}", {"managedDeviceName": "OTHER"})
    graph.approve(change["approval"]["code"])
    release(sluice, change)
    again = sluice.wait(change["id"], "held")
    assert again["approval"]["write"] == {"notes": "x", "managedDeviceName": "HUB"}
    assert [approval_header(each) for each in writes(graph, device)] == [None, None]


def test_a_change_that_is_held_for_approval_keeps_its_place_until_it_is_cancelled(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = protected_device(graph)
    first = held(sluice, patch_managed(device, notes="first"))
    # Intune has it already, so that it needs no approval of its own.
    second = sluice.accepted(patch_managed(device, managedDeviceOwnerType="company"))
    waiting = sluice.wait(second, "accepted")
    while waiting["waitingFor"] is None:
        waiting = sluice.wait(second, "accepted")
    assert waiting["waitingFor"] == first["id"]
    assert sluice.act(first["id"], "cancel").json()["state"] == "cancelled"
    assert sluice.wait(second)["state"] == "unchanged"
    assert queues.outcome(first["id"])["state"] == "cancelled"


def test_a_change_without_a_reason_cannot_ask_for_an_approval_and_fails(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = protected_device(graph)
    change = sluice.wait(sluice.accepted(patch_managed(device, notes="x")))
    assert (change["state"], change["failure"]["code"]) == ("failed", "needs-approval")
    assert change["approval"] is None
