"""`updateDeviceAccount`: the account of a device, its password from the vault."""

import uuid
from typing import Any

import pytest
from asking import update_account
from azure.keyvault.secrets import SecretClient
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

ENTRA = {"userPrincipalName": "hub@contoso.example"}
DOMAIN = {"domainName": "CONTOSO", "userName": "hub"}


def secret_name() -> str:
    return f"hub-{uuid.uuid4()}"


def opens(graph: TenantControl, device: dict[str, Any], password: str) -> bool:
    answer = graph.call("POST", f"/accounts/{device['id']}/verify", {"password": password})
    return bool(answer["opens"])


@pytest.mark.parametrize(
    "case",
    [(ENTRA, "windowsDeviceAzureADAccount"), (DOMAIN, "windowsDeviceADAccount")],
    ids=lambda case: case[1],
)
def test_the_device_signs_in_with_the_password_of_the_vault(
    sluice: Sluice,
    graph: TenantControl,
    vault: SecretClient,
    queues: Queues,
    case: tuple[dict[str, str], str],
) -> None:
    account, kind = case
    device, name, password = graph.add_managed_device(), secret_name(), str(uuid.uuid4())
    vault.set_secret(name, password)
    request = update_account(
        device,
        {**account, "passwordSecret": {"name": name}},
        passwordRotationEnabled=False,
        calendarSyncEnabled=True,
        deviceAccountEmail="hub@contoso.example",
        exchangeServer="outlook.office365.com",
        sessionInitiationProtocalAddress="sip:hub@contoso.example",
    )
    change = sluice.wait(sluice.accepted(request))
    assert change["state"] == "verified"
    assert opens(graph, device, password)
    [effect] = graph.effects(device["id"])
    parameter = effect["body"]["updateWindowsDeviceAccountActionParameter"]
    sent = parameter.pop("deviceAccount")
    assert parameter == {
        name: value for name, value in request["set"].items() if name != "deviceAccount"
    }
    assert sent.pop("password").startswith("sha256:")
    assert sent == {"@odata.type": f"#microsoft.graph.{kind}", **account}
    assert queues.outcome(change["id"])["state"] == "verified"


def test_an_account_without_a_name_is_sent_and_the_device_has_the_last_word(
    sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> None:
    device, name = graph.add_managed_device(), secret_name()
    vault.set_secret(name, "secret")
    account = {
        "@odata.type": "#microsoft.graph.windowsDeviceAccount",
        "passwordSecret": {"name": name},
    }
    change = sluice.wait(sluice.accepted(update_account(device, account)))
    assert (change["state"], change["failure"]["code"]) == ("failed", "device-action-failed")
    [effect] = graph.effects(device["id"])
    sent = effect["body"]["updateWindowsDeviceAccountActionParameter"]["deviceAccount"]
    assert sent["@odata.type"] == account["@odata.type"]


def test_a_version_of_the_secret_can_be_named(
    sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> None:
    device, name = graph.add_managed_device(), secret_name()
    old = vault.set_secret(name, "the old one")
    vault.set_secret(name, "the new one")
    reference = {"name": name, "version": old.properties.version}
    request = update_account(device, {**ENTRA, "passwordSecret": reference})
    assert sluice.wait(sluice.accepted(request))["state"] == "verified"
    assert opens(graph, device, "the old one")


@pytest.mark.parametrize("case", ["missing", "disabled"])
def test_a_secret_that_cannot_be_read_fails_the_change(
    sluice: Sluice, graph: TenantControl, vault: SecretClient, case: str
) -> None:
    device, name = graph.add_managed_device(), secret_name()
    if case == "disabled":
        vault.set_secret(name, "x", enabled=False)
    request = update_account(device, {**ENTRA, "passwordSecret": {"name": name}})
    change = sluice.wait(sluice.accepted(request))
    code = {"missing": "secret-not-found", "disabled": "secret-refused"}[case]
    assert (change["state"], change["failure"]["code"]) == ("failed", code)
    assert graph.journal(device["id"], "POST") == []
