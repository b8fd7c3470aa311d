import json
from typing import Any

import pytest
from tenants import Tenant, code, managed, user

HUB, OTHER = managed("HUB-ATRIUM"), managed("HUB-BOARDROOM")
OWNER = user("hub-atrium")
RUN = "11111111-0000-4000-8000-000000000000:22222222-0000-4000-8000-000000000000"
ACTION: dict[str, Any] = {"updateWindowsDeviceAccountActionParameter": {"deviceAccount": None}}
NOTES = {"notes": "seen"}

_RUN = f"/3/deviceRunStates/{RUN}/managedDevice"
HEALTH = f"/beta/deviceManagement/deviceHealthScripts{_RUN}"
SCRIPT = f"/beta/deviceManagement/deviceManagementScripts{_RUN}"
COMPLIANCE = f"/beta/deviceManagement/deviceComplianceScripts{_RUN}"
APP = f"/deviceManagement/detectedApps/4/managedDevices/{OTHER['id']}"
ACT = "/updateWindowsDeviceAccount"

ACTIONS = [
    HEALTH + ACT,
    SCRIPT + ACT,
    COMPLIANCE + ACT,
    f"{SCRIPT}/users/{OWNER['id']}/managedDevices/{HUB['id']}{ACT}",
    f"{SCRIPT}/detectedApps/4/managedDevices/{HUB['id']}{ACT}",
    f"/deviceManagement/detectedApps/4/managedDevices/{HUB['id']}{ACT}",
    f"{APP}/users/{OWNER['id']}/managedDevices/{HUB['id']}{ACT}",
]
PATCHES = [
    f"/beta/managedDevices/{HUB['id']}",
    SCRIPT,
    f"{SCRIPT}/detectedApps/4/managedDevices/{HUB['id']}",
]


@pytest.fixture(autouse=True)
async def run_state(tenant: Tenant) -> None:
    await tenant.control("POST", "/objects", {"runStates": {RUN: HUB["id"]}})


async def serve_unofficial(tenant: Tenant) -> None:
    await tenant.control("PUT", "/routes", {"serveUnofficial": True})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", path) for path in ACTIONS),
        *(("PATCH", path) for path in PATCHES),
        ("PATCH", f"{SCRIPT}/users/{OWNER['id']}"),
    ],
)
async def test_a_route_outside_the_description_is_not_served(
    tenant: Tenant, method: str, path: str
) -> None:
    answer = await tenant.call(method, path, {})
    assert code(answer) == (400, "BadRequest")
    assert "No OData route exists" in json.loads(answer.json()["error"]["message"])["Message"]


@pytest.mark.parametrize("path", ACTIONS)
async def test_an_action_reaches_the_last_device_on_its_path_when_served(
    tenant: Tenant, path: str
) -> None:
    await serve_unofficial(tenant)
    assert (await tenant.call("POST", path, ACTION)).status_code == 204
    [result] = (await tenant.stored("managedDevices", HUB["id"]))["deviceActionResults"]
    assert result["actionName"] == "updateDeviceAccount"
    assert (await tenant.stored("managedDevices", OTHER["id"]))["deviceActionResults"] == []


@pytest.mark.parametrize("path", PATCHES)
async def test_a_patch_reaches_the_last_device_on_its_path_when_served(
    tenant: Tenant, path: str
) -> None:
    await serve_unofficial(tenant)
    answer = await tenant.call("PATCH", path, NOTES)
    assert (answer.status_code, answer.json()["id"]) == (200, HUB["id"])
    assert (await tenant.stored("managedDevices", HUB["id"]))["notes"] == "seen"


async def test_a_user_behind_a_run_is_answered_when_patched(tenant: Tenant) -> None:
    await serve_unofficial(tenant)
    answer = await tenant.call("PATCH", f"{SCRIPT}/users/{OWNER['id']}", {"department": "AV"})
    assert (answer.status_code, answer.json()["department"]) == (200, "AV")


@pytest.mark.parametrize("path", [HEALTH, SCRIPT, COMPLIANCE])
async def test_the_device_behind_a_run_can_be_read_by_the_description(
    tenant: Tenant, path: str
) -> None:
    answer = await tenant.call("GET", f"{path}?$select=id,azureADDeviceId")
    assert (answer.status_code, answer.json()["id"]) == (200, HUB["id"])
    unknown = await tenant.call("GET", path.replace(RUN, "5"))
    assert code(unknown) == (404, "ResourceNotFound")
    only_beta = await tenant.call("GET", path.removeprefix("/beta"))
    assert code(only_beta) == (400, "BadRequest")
