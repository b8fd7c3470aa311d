from typing import Any

import pytest
from tenants import Tenant, code, device

HUB = device("HUB-ATRIUM")
PATH = f"/devices/{HUB['id']}"
BY_KEY = f"/devices(deviceId='{HUB['deviceId']}')"


@pytest.mark.parametrize("path", [PATH, BY_KEY, BY_KEY.replace("'", "%27"), f"/beta{PATH}"])
async def test_a_device_is_patched_and_read_by_either_id(tenant: Tenant, path: str) -> None:
    answer = await tenant.call("PATCH", path, {"displayName": "HUB-A", "accountEnabled": False})
    assert (answer.status_code, answer.content) == (204, b"")
    read = await tenant.call("GET", f"{path}?$select=id,displayName,accountEnabled")
    got = {name: value for name, value in read.json().items() if name[0] != "@"}
    assert got == {"id": HUB["id"], "displayName": "HUB-A", "accountEnabled": False}


async def test_null_clears_one_extension_attribute_and_leaves_the_others(tenant: Tenant) -> None:
    set_two = {"extensionAttributes": {"extensionAttribute1": "CC-1", "extensionAttribute15": "x"}}
    assert (await tenant.call("PATCH", PATH, set_two)).status_code == 204
    clear = {"extensionAttributes": {"extensionAttribute1": None}}
    assert (await tenant.call("PATCH", PATH, clear)).status_code == 204
    attributes = (await tenant.stored("devices", HUB["id"]))["extensionAttributes"]
    assert attributes["extensionAttribute1"] is None
    assert attributes["extensionAttribute15"] == "x"


@pytest.mark.parametrize("name", ["PANEL-BERLIN", "MB-MBOWEN-01", "ubuntu-build-07"])
async def test_only_free_attributes_of_a_device_without_windows_can_be_written(
    tenant: Tenant, name: str
) -> None:
    path = f"/devices/{device(name)['id']}"
    attribute = {"extensionAttributes": {"extensionAttribute2": "x"}}
    assert (await tenant.call("PATCH", path, attribute)).status_code == 204
    denied = await tenant.call("PATCH", path, attribute | {"accountEnabled": False})
    assert code(denied) == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"isCompliant": True}, (403, "Authorization_RequestDenied")),
        ({"deviceOwnership": "Company"}, (403, "Authorization_RequestDenied")),
        ({"deviceId": HUB["deviceId"]}, (400, "Request_BadRequest")),
        ({"displayname": "x"}, (400, "Request_BadRequest")),
        ({"displayName": ""}, (400, "Request_BadRequest")),
        ({"displayName": None}, (400, "Request_BadRequest")),
        ({"accountEnabled": "true"}, (400, "Request_BadRequest")),
        ({"extensionAttributes": {"extensionAttribute16": "x"}}, (400, "Request_BadRequest")),
        ({"extensionAttributes": {"extension_attribute1": "x"}}, (400, "Request_BadRequest")),
        ({"extensionAttributes": {"extensionAttribute1": 1}}, (400, "Request_BadRequest")),
        ({"@odata.type": "#microsoft.graph.user"}, (400, "Request_BadRequest")),
    ],
)
async def test_what_may_not_be_written_is_refused_and_changes_nothing(
    tenant: Tenant, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(await tenant.call("PATCH", PATH, body)) == expected
    assert await tenant.stored("devices", HUB["id"]) == HUB


async def test_a_device_id_is_not_an_object_id(tenant: Tenant) -> None:
    confused = await tenant.call("GET", f"/devices/{HUB['deviceId']}")
    assert code(confused) == (404, "Request_ResourceNotFound")
    confused = await tenant.call("GET", f"/devices(deviceId='{HUB['id']}')")
    assert code(confused) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("path", ["/devices/hub", "/devices(deviceId='hub')"])
async def test_an_id_must_be_a_guid(tenant: Tenant, path: str) -> None:
    assert code(await tenant.call("GET", path)) == (400, "Request_BadRequest")


async def test_devices_are_found_by_name_or_device_id(tenant: Tenant) -> None:
    for clause in (f"deviceId eq '{HUB['deviceId']}'", "displayName eq 'hub-atrium'"):
        answer = await tenant.call("GET", "/devices", params={"$filter": clause, "$select": "id"})
        assert answer.json()["value"] == [{"id": HUB["id"]}]
    quoted = {"$filter": "displayName eq 'Megan''s iPhone'"}
    assert len((await tenant.call("GET", "/devices", params=quoted)).json()["value"]) == 1
    nobody = {"$filter": "displayName eq 'nobody'"}
    assert (await tenant.call("GET", "/devices", params=nobody)).json()["value"] == []


@pytest.mark.parametrize("clause", ["model eq 'x'", "displayName ne 'x'", "displayName eq 'a' or"])
async def test_an_unsupported_filter_is_refused(tenant: Tenant, clause: str) -> None:
    answer = await tenant.call("GET", "/devices", params={"$filter": clause})
    assert code(answer) == (400, "Request_BadRequest")


async def test_a_list_comes_in_pages(tenant: Tenant) -> None:
    seen: list[str] = []
    answer = await tenant.call("GET", "/devices?$top=5&$select=displayName")
    while True:
        seen += [one["displayName"] for one in answer.json()["value"]]
        if "@odata.nextLink" not in answer.json():
            break
        following = answer.json()["@odata.nextLink"].removeprefix(f"{tenant.base}/v1.0")
        answer = await tenant.call("GET", following)
    assert len(seen) == len(set(seen)) == 12
