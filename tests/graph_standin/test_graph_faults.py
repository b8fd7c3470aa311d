import asyncio
import json
import time

import httpx
import pytest
from tenants import Tenant, code, device, managed

HUB = device("HUB-ATRIUM")
PATH = f"/devices/{HUB['id']}"
MANAGED_PATH = f"/deviceManagement/managedDevices/{managed('HUB-ATRIUM')['id']}"


async def name_of(tenant: Tenant) -> str:
    return str((await tenant.stored("devices", HUB["id"]))["displayName"])


async def test_a_status_fault_happens_as_often_as_asked(tenant: Tenant) -> None:
    fault = {"match": {"method": "PATCH", "path": "/devices"}, "times": 2, "status": 503}
    await tenant.control("POST", "/faults", fault)
    statuses = [
        (await tenant.call("PATCH", PATH, {"displayName": f"n{i}"})).status_code for i in range(3)
    ]
    assert statuses == [503, 503, 204]
    assert await name_of(tenant) == "n2"


async def test_a_fault_for_ever_ends_when_cleared(tenant: Tenant) -> None:
    await tenant.control("POST", "/faults", {"times": None, "status": 500})
    for _ in range(3):
        assert (await tenant.call("GET", PATH)).status_code == 500
    assert (await tenant.control("GET", "/faults"))[0]["times"] is None
    await tenant.control("DELETE", "/faults")
    assert (await tenant.call("GET", PATH)).status_code == 200


async def test_only_matching_requests_suffer(tenant: Tenant) -> None:
    match = {"method": "PATCH", "path": "managedDevices/[0-9a-f-]+$"}
    await tenant.control("POST", "/faults", {"match": match, "status": 429})
    assert (await tenant.call("PATCH", PATH, {"displayName": "x"})).status_code == 204
    assert (await tenant.call("GET", MANAGED_PATH)).status_code == 200
    assert (await tenant.call("PATCH", MANAGED_PATH, {"notes": "x"})).status_code == 429


async def test_an_injected_error_has_the_shape_of_its_service(tenant: Tenant) -> None:
    await tenant.control("POST", "/faults", {"status": 429, "headers": {"Retry-After": "30,120"}})
    answer = await tenant.call("GET", PATH)
    assert code(answer) == (429, "TooManyRequests")
    assert answer.headers["Retry-After"] == "30,120"
    await tenant.control("POST", "/faults", {"status": 500, "intuneNested": True})
    answer = await tenant.call("GET", MANAGED_PATH)
    assert code(answer) == (500, "InternalError")
    assert json.loads(answer.json()["error"]["message"])["_version"] == 3


async def test_a_body_of_one_s_own_is_sent_as_it_is(tenant: Tenant) -> None:
    html = "<html>Bad gateway</html>"
    fault = {"status": 502, "body": html, "headers": {"Content-Type": "text/html"}}
    await tenant.control("POST", "/faults", fault)
    answer = await tenant.call("GET", PATH)
    assert (answer.text, answer.headers["Content-Type"]) == (html, "text/html")


async def test_a_gateway_timeout_after_the_effect_is_ambiguous(tenant: Tenant) -> None:
    await tenant.control("POST", "/faults", {"status": 504, "afterEffect": True})
    assert (await tenant.call("PATCH", PATH, {"displayName": "new"})).status_code == 504
    assert await name_of(tenant) == "new"


@pytest.mark.parametrize(("drop", "name"), [("before", "HUB-ATRIUM"), ("after", "new")])
async def test_a_dropped_connection_leaves_the_effect_it_says(
    tenant: Tenant, drop: str, name: str
) -> None:
    await tenant.control("POST", "/faults", {"match": {"method": "PATCH"}, "drop": drop})
    with pytest.raises(httpx.TransportError):
        await tenant.call("PATCH", PATH, {"displayName": "new"})
    assert await name_of(tenant) == name
    [entry] = await tenant.control("GET", "/journal?method=PATCH")
    assert entry["effect"] is (drop == "after")
    assert (entry["status"], entry["fault"]["drop"]) == (None, drop)


async def test_a_slow_answer_comes_after_its_effect(tenant: Tenant) -> None:
    match = {"method": "PATCH"}
    await tenant.control("POST", "/faults", {"match": match, "delaySeconds": 60})
    answer = asyncio.create_task(tenant.call("PATCH", PATH, {"displayName": "new"}))
    while await name_of(tenant) != "new":
        assert not answer.done()
    assert not answer.done()
    answer.cancel()


async def test_stale_reads_show_what_was_there_before_the_write(tenant: Tenant) -> None:
    await tenant.control("POST", "/faults", {"match": {"method": "PATCH"}, "staleReads": 2})
    await tenant.call("PATCH", PATH, {"displayName": "new"})
    names = [(await tenant.call("GET", PATH)).json()["displayName"] for _ in range(3)]
    assert names == ["HUB-ATRIUM", "HUB-ATRIUM", "new"]


async def test_a_stale_read_may_miss_an_action_just_queued(tenant: Tenant) -> None:
    await tenant.control("POST", "/faults", {"match": {"method": "POST"}, "staleReads": 1})
    await tenant.call("POST", f"{MANAGED_PATH}/syncDevice")
    counts = [
        len((await tenant.call("GET", MANAGED_PATH)).json()["deviceActionResults"])
        for _ in range(2)
    ]
    assert counts == [0, 1]


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": "sideways"},
        {"drop": "after", "status": 500},
        {"times": 0},
        {"match": {"path": "("}},
        {"statsu": 500},
    ],
)
async def test_a_malformed_fault_is_refused(tenant: Tenant, fault: dict[str, object]) -> None:
    answer = await tenant.http.post(f"{tenant.base}/_control/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["problems"]


async def test_the_journal_tells_every_exchange_in_order(tenant: Tenant) -> None:
    started = time.time()
    headers = {"client-request-id": "c1"}
    await tenant.call("PATCH", PATH, {"displayName": "new"}, headers=headers)
    await tenant.call("PATCH", PATH, {"displayName": ""})
    await tenant.call("GET", f"{MANAGED_PATH}?$select=id")
    entries = await tenant.control("GET", "/journal")
    assert [(e["seq"], e["method"], e["status"], e["effect"]) for e in entries] == [
        (1, "PATCH", 204, True),
        (2, "PATCH", 400, False),
        (3, "GET", 200, False),
    ]
    first = entries[0]
    assert started <= first["at"] <= first["finishedAt"]
    assert first["path"] == f"/v1.0{PATH}"
    assert first["body"] == {"displayName": "new"}
    assert first["headers"]["client-request-id"] == "c1"
    assert entries[2]["query"] == {"$select": "id"}
    assert tenant.token not in json.dumps(entries)
    assert len(await tenant.control("GET", "/journal?method=GET&path=managedDevices")) == 1
    await tenant.control("DELETE", "/journal")
    assert await tenant.control("GET", "/journal") == []


async def test_a_body_that_is_not_json_is_not_kept(tenant: Tenant) -> None:
    headers = {"Content-Type": "application/json"}
    await tenant.call("PATCH", PATH, content=b'{"password": "S3cret-', headers=headers)
    assert "S3cret" not in json.dumps(await tenant.control("GET", "/journal"))


async def test_seed_data_changes_while_it_runs(tenant: Tenant) -> None:
    await tenant.control("PATCH", f"/objects/devices/{HUB['id']}", {"operatingSystem": "Linux"})
    assert (await tenant.call("PATCH", PATH, {"displayName": "x"})).status_code == 403
    many = [
        {"id": f"00000000-0000-4000-8000-{number:012}", "displayName": f"bulk-{number}"}
        for number in range(20_000)
    ]
    await tenant.control("POST", "/objects", {"devices": many})
    query = {"$filter": "displayName eq 'bulk-19999'"}
    found = await tenant.call("GET", "/devices", params=query)
    assert found.json()["value"][0]["id"] == many[-1]["id"]
