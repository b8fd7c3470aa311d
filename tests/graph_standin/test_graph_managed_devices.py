import json
from typing import Any

import pytest
from tenants import Tenant, code, managed

HUB = managed("HUB-ATRIUM")
PATH = f"/deviceManagement/managedDevices/{HUB['id']}"


async def test_a_patch_answers_the_whole_object(tenant: Tenant) -> None:
    body = {"managedDeviceName": "Atrium", "managedDeviceOwnerType": "personal", "notes": None}
    answer = await tenant.call("PATCH", PATH, body)
    assert answer.status_code == 200
    assert answer.json()["managedDeviceName"] == "Atrium"
    assert answer.json()["serialNumber"] == HUB["serialNumber"]
    stored = await tenant.stored("managedDevices", HUB["id"])
    assert (stored["notes"], stored["managedDeviceOwnerType"]) == (None, "personal")


async def test_notes_show_only_when_selected_on_one_device(tenant: Tenant) -> None:
    assert "notes" not in (await tenant.call("GET", PATH)).json()
    selected = await tenant.call("GET", f"{PATH}?$select=notes")
    assert selected.json()["notes"] == HUB["notes"]
    listed = await tenant.call("GET", "/deviceManagement/managedDevices?$select=id,notes")
    assert all(one["notes"] is None for one in listed.json()["value"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"deviceName": "x"}, (403, "Forbidden")),
        (dict(HUB), (403, "Forbidden")),
        ({"managedDeviceOwnerType": "unknown"}, (400, "BadRequest")),
        ({"managedDeviceOwnerType": None}, (400, "BadRequest")),
        ({"managedDeviceName": 7}, (400, "BadRequest")),
        ({"ownerType": "company"}, (400, "BadRequest")),
        ({"Notes": "x"}, (400, "BadRequest")),
    ],
)
async def test_what_may_not_be_written_is_refused_in_intune_s_nested_form(
    tenant: Tenant, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    answer = await tenant.call("PATCH", PATH, body)
    assert code(answer) == expected
    nested = json.loads(answer.json()["error"]["message"])
    assert {"_version", "Message", "CustomApiErrorPhrase", "RetryAfter"} <= set(nested)
    assert await tenant.stored("managedDevices", HUB["id"]) == HUB


async def test_beta_can_write_the_legacy_owner_type(tenant: Tenant) -> None:
    body = {"@odata.type": "#microsoft.graph.windowsManagedDevice", "ownerType": "personal"}
    answer = await tenant.call("PATCH", f"/beta{PATH}", body)
    assert (answer.status_code, answer.json()["ownerType"]) == (200, "personal")


async def test_a_device_is_reached_through_its_user_and_through_comanagement(
    tenant: Tenant,
) -> None:
    notes = {"notes": "seen"}
    for owner in (HUB["userId"], HUB["userPrincipalName"]):
        of_user = f"/users/{owner}/managedDevices/{HUB['id']}"
        assert (await tenant.call("PATCH", of_user, notes)).status_code == 200
    stranger = f"/users/adele.vance@contoso.example/managedDevices/{HUB['id']}"
    assert code(await tenant.call("PATCH", stranger, notes)) == (404, "ResourceNotFound")
    comanaged = f"/deviceManagement/comanagedDevices/{HUB['id']}"
    assert (await tenant.call("PATCH", f"/beta{comanaged}", notes)).status_code == 200
    assert code(await tenant.call("PATCH", comanaged, notes)) == (400, "BadRequest")


async def test_a_route_that_intune_does_not_have_is_refused_in_its_words(tenant: Tenant) -> None:
    deep = "/beta/deviceManagement/deviceHealthScripts/1/deviceRunStates/2/managedDevice"
    answer = await tenant.call("POST", f"{deep}/updateWindowsDeviceAccount", {})
    assert code(answer) == (400, "BadRequest")
    assert "No OData route exists" in json.loads(answer.json()["error"]["message"])["Message"]


async def test_an_unknown_device_is_not_found_in_intune_s_words(tenant: Tenant) -> None:
    unknown = "/deviceManagement/managedDevices/00000000-0000-4000-8000-000000000000"
    answer = await tenant.call("GET", unknown)
    assert code(answer) == (404, "ResourceNotFound")
    assert "Activity ID" in json.loads(answer.json()["error"]["message"])["Message"]


@pytest.mark.parametrize(
    "member", ["serialNumber", "deviceName", "azureADDeviceId", "userPrincipalName"]
)
async def test_devices_are_found_as_people_name_them(tenant: Tenant, member: str) -> None:
    query = {"$filter": f"{member} eq '{HUB[member]}'", "$select": "id"}
    answer = await tenant.call("GET", "/deviceManagement/managedDevices", params=query)
    assert answer.json()["value"] == [{"id": HUB["id"]}]
