"""updateWindowsDeviceAccount: queued, then done or not, as the device decides."""

import json
from datetime import datetime
from typing import Any

import pytest
from tenants import SEED, Tenant, code, managed, user

HUB, ROOM_USER = managed("HUB-ATRIUM"), user("hub-atrium")
OLD, NEW = "Atr1um-Hub-Initial", "canary-N3w-hub-Passw0rd"
UPN = ROOM_USER["userPrincipalName"]


def path(name: str = "HUB-ATRIUM") -> str:
    return f"/deviceManagement/managedDevices/{managed(name)['id']}"


def parameter(**account: Any) -> dict[str, Any]:
    subtype = {"@odata.type": "#microsoft.graph.windowsDeviceAzureADAccount"}
    inner = {
        "deviceAccount": subtype | {"userPrincipalName": UPN, "password": NEW} | account,
        "passwordRotationEnabled": False,
        "calendarSyncEnabled": True,
    }
    return {"updateWindowsDeviceAccountActionParameter": inner}


async def set_account(tenant: Tenant, name: str = "HUB-ATRIUM", **account: Any) -> None:
    answer = await tenant.call(
        "POST", f"{path(name)}/updateWindowsDeviceAccount", parameter(**account)
    )
    assert (answer.status_code, answer.content) == (204, b"")


async def reset_directory(tenant: Tenant, *, must_change: bool | None = False) -> None:
    profile = {"password": NEW, "forceChangePasswordNextSignIn": must_change}
    if must_change is None:
        del profile["forceChangePasswordNextSignIn"]
    answer = await tenant.call("PATCH", f"/users/{UPN}", {"passwordProfile": profile})
    assert answer.status_code == 204


async def result(tenant: Tenant, name: str = "HUB-ATRIUM") -> dict[str, Any]:
    answer = await tenant.call("GET", f"{path(name)}?$select=id,deviceActionResults")
    results = answer.json()["deviceActionResults"]
    found: dict[str, Any] = next(r for r in results if r["actionName"] == "updateDeviceAccount")
    return found


async def opens(tenant: Tenant, password: str, name: str = "HUB-ATRIUM") -> bool:
    body = {"password": password}
    answer = await tenant.control("POST", f"/accounts/{managed(name)['id']}/verify", body)
    return bool(answer["opens"])


async def test_an_action_is_pending_then_active_then_done(tenant: Tenant) -> None:
    await tenant.control("PUT", f"/actions/{HUB['id']}", {"pickUpSeconds": 60, "finishSeconds": 30})
    await reset_directory(tenant)
    asked = tenant.clock.now
    await set_account(tenant)
    first = await result(tenant)
    assert first["actionState"] == "pending"
    assert datetime.fromisoformat(first["startDateTime"]).timestamp() >= asked
    tenant.clock.now += 60
    assert (await result(tenant))["actionState"] == "active"
    assert await opens(tenant, OLD)
    tenant.clock.now += 30
    last = await result(tenant)
    assert last["actionState"] == "done"
    assert last["startDateTime"] == first["startDateTime"] < last["lastUpdatedDateTime"]
    assert await opens(tenant, NEW)
    assert not await opens(tenant, OLD)


@pytest.mark.parametrize("outcome", ["failed", "notSupported", "canceled"])
async def test_a_device_that_ends_otherwise_keeps_its_account(tenant: Tenant, outcome: str) -> None:
    await tenant.control("PUT", f"/actions/{HUB['id']}", {"outcome": outcome})
    await reset_directory(tenant)
    await set_account(tenant)
    tenant.clock.now += 10
    assert (await result(tenant))["actionState"] == outcome
    assert await opens(tenant, OLD)


async def test_a_device_that_is_off_stays_pending_for_ever(tenant: Tenant) -> None:
    await tenant.control("PUT", f"/actions/{HUB['id']}", {"outcome": "pending"})
    await set_account(tenant)
    tenant.clock.now += 1e7
    assert (await result(tenant))["actionState"] == "pending"


async def test_the_device_tries_the_password_before_it_stores_it(tenant: Tenant) -> None:
    await set_account(tenant)  # The directory does not know this password yet.
    tenant.clock.now += 10
    assert (await result(tenant))["actionState"] == "failed"
    await reset_directory(tenant)
    await set_account(tenant)
    tenant.clock.now += 10
    assert (await result(tenant))["actionState"] == "done"


@pytest.mark.parametrize("must_change", [True, None])
async def test_a_password_that_must_be_changed_is_no_use_to_a_device(
    tenant: Tenant, must_change: bool | None
) -> None:
    await reset_directory(tenant, must_change=must_change)
    await set_account(tenant)
    tenant.clock.now += 10
    assert (await result(tenant))["actionState"] == "failed"


async def test_an_account_without_a_name_fails_on_the_device(tenant: Tenant) -> None:
    body = {
        "updateWindowsDeviceAccountActionParameter": {
            "@odata.type": "microsoft.graph.updateWindowsDeviceAccountActionParameter",
            "deviceAccount": {
                "@odata.type": "microsoft.graph.windowsDeviceAccount",
                "password": OLD,
            },
        }
    }
    answer = await tenant.call("POST", f"{path()}/updateWindowsDeviceAccount", body)
    assert answer.status_code == 204
    tenant.clock.now += 10
    assert (await result(tenant))["actionState"] == "failed"


async def test_a_later_action_replaces_the_result_of_an_unfinished_one(tenant: Tenant) -> None:
    await reset_directory(tenant)
    await set_account(tenant)
    tenant.clock.now += 0.1
    await set_account(tenant)
    tenant.clock.now += 0.15  # The first one would be active by now.
    assert (await result(tenant))["actionState"] == "pending"
    stored = await tenant.stored("managedDevices", HUB["id"])
    assert len(stored["deviceActionResults"]) == 1


async def test_a_device_without_windows_does_not_support_the_action(tenant: Tenant) -> None:
    await set_account(tenant, "PANEL-BERLIN")
    tenant.clock.now += 10
    assert (await result(tenant, "PANEL-BERLIN"))["actionState"] == "notSupported"


async def test_a_sync_shows_when_the_device_checked_in(tenant: Tenant) -> None:
    before = (await tenant.call("GET", path())).json()["lastSyncDateTime"]
    assert (await tenant.call("POST", f"{path()}/syncDevice")).status_code == 204
    tenant.clock.now += 10
    after = (await tenant.call("GET", path())).json()
    assert after["lastSyncDateTime"] > before
    assert after["deviceActionResults"][0]["actionName"] == "syncDevice"
    assert after["deviceActionResults"][0]["actionState"] == "done"


@pytest.mark.parametrize(
    "inner",
    [
        {"sessionInitiationProtocolAddress": "sip:hub@contoso.example"},
        {"passwordRotationEnabled": "false"},
        {"deviceAccount": {"@odata.type": "#microsoft.graph.windowsDeviceLocalAccount"}},
        {"deviceAccount": {"userPrincipalName": UPN, "password": NEW}},
        {"deviceAccount": {"password": 7}},
        {"deviceAccount": {"Password": NEW}},
        {"deviceAccount": NEW},
    ],
)
async def test_a_malformed_parameter_is_refused_and_shows_no_password(
    tenant: Tenant, inner: dict[str, Any]
) -> None:
    body = {"updateWindowsDeviceAccountActionParameter": inner}
    answer = await tenant.call("POST", f"{path()}/updateWindowsDeviceAccount", body)
    assert code(answer) == (400, "BadRequest")
    assert NEW not in answer.text
    assert (await tenant.stored("managedDevices", HUB["id"]))["deviceActionResults"] == []


async def test_every_documented_member_is_taken(tenant: Tenant) -> None:
    body = parameter(userPrincipalName=None)
    body["updateWindowsDeviceAccountActionParameter"] |= {
        "deviceAccount": {
            "@odata.type": "#microsoft.graph.windowsDeviceADAccount",
            "domainName": "contoso",
            "userName": "hub",
            "password": NEW,
        },
        "deviceAccountEmail": UPN,
        "exchangeServer": "mail.contoso.example",
        "sessionInitiationProtocalAddress": "sip:hub@contoso.example",
    }
    answer = await tenant.call("POST", f"{path()}/updateWindowsDeviceAccount", body)
    assert answer.status_code == 204
    tenant.clock.now += 10
    account = await tenant.control("GET", f"/accounts/{HUB['id']}")
    assert (account["name"], account["rotatesItself"]) == ("contoso\\hub", False)


async def test_no_password_shows_anywhere(tenant: Tenant) -> None:
    await reset_directory(tenant)
    await set_account(tenant)
    tenant.clock.now += 10
    shown = [
        await tenant.control("GET", "/journal"),
        await tenant.stored("managedDevices", HUB["id"]),
        await tenant.stored("users", ROOM_USER["id"]),
        await tenant.control("GET", f"/accounts/{HUB['id']}"),
        (await tenant.call("GET", "/beta" + path())).json(),
        (await tenant.call("GET", f"/users/{UPN}?$select=passwordProfile")).json(),
    ]
    text = json.dumps(shown)
    assert NEW not in text
    assert text.count("sha256:") >= 3


async def test_the_rooms_of_the_seed_are_consistent(tenant: Tenant) -> None:
    device_ids = {one["deviceId"] for one in SEED["devices"]}
    assert {one["azureADDeviceId"] for one in SEED["managedDevices"]} == device_ids
    user_ids = {one["id"] for one in SEED["users"]} | {""}
    assert {one["userId"] for one in SEED["managedDevices"]} <= user_ids
    assert await opens(tenant, OLD)
