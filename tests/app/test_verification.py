"""Graph taking a write proves nothing: only what is read back, or reported, does."""

import pytest
from asking import set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl


def states(change: dict[str, object]) -> list[str]:
    return [step["state"] for step in change["timeline"]]  # type: ignore[attr-defined]


def test_a_patch_that_shows_late_is_applied_first_and_verified_later(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", staleReads=2)
    identity = sluice.accepted(set_attribute(device, "late"))
    change = sluice.wait(identity)
    assert change["state"] == "verified"
    assert states(change) == ["accepted", "applying", "applied", "verified"]
    applied, verified = (step["at"] for step in change["timeline"][-2:])
    assert applied < verified
    assert change["after"]["extensionAttributes"] == {"extensionAttribute1": "late"}
    assert len(graph.effects(device["id"])) == 1


def test_a_patch_that_never_shows_fails_and_is_dead_lettered(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", staleReads=1000)
    change = sluice.wait(sluice.accepted(set_attribute(device, "never")))
    assert (change["state"], change["failure"]["code"]) == ("failed", "not-confirmed")
    assert states(change) == ["accepted", "applying", "applied", "failed"]
    assert len(graph.effects(device["id"])) == 1
    assert queues.outcome(change["id"])["failure"]["code"] == "not-confirmed"
    assert queues.dead_change(change["id"])


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        ("done", ("verified", None)),
        ("failed", ("failed", "device-action-failed")),
        ("notSupported", ("failed", "device-action-not-supported")),
        ("canceled", ("failed", "device-action-canceled")),
        ("pending", ("failed", "not-confirmed")),
    ],
)
def test_an_action_ends_as_the_device_reports(
    sluice: Sluice,
    graph: TenantControl,
    vault: SecretClient,
    outcome: str,
    end: tuple[str, str | None],
) -> None:
    device = graph.add_managed_device()
    graph.behave(device["id"], outcome=outcome)
    vault.set_secret("hub-verification", "x")
    account = {"userPrincipalName": "hub@x.example", "passwordSecret": {"name": "hub-verification"}}
    change = sluice.wait(sluice.accepted(update_account(device, account)))
    assert (change["state"], (change["failure"] or {}).get("code")) == end
    assert len(graph.effects(device["id"])) == 1
