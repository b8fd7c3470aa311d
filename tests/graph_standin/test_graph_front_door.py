import json
import uuid

import pytest
from tenants import Tenant, code, device, managed

from local.identity.issuer import GRAPH, Issuer

HUB, HUB_MANAGED = device("HUB-ATRIUM"), managed("HUB-ATRIUM")
HUB_PATH = f"/devices/{HUB['id']}"
MANAGED_PATH = f"/deviceManagement/managedDevices/{HUB_MANAGED['id']}"


async def test_a_request_without_a_token_is_challenged(tenant: Tenant) -> None:
    answer = await tenant.http.get(f"{tenant.base}/v1.0{HUB_PATH}")
    assert code(answer) == (401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("lifetime", [-60])
async def test_an_expired_token_is_refused(tenant: Tenant, lifetime: int) -> None:
    tenant.issuer.lifetime = lifetime
    tenant.token = tenant.issuer.issue(GRAPH, None)["access_token"]
    assert code(await tenant.call("GET", HUB_PATH)) == (401, "InvalidAuthenticationToken")


async def test_a_token_signed_by_another_issuer_is_refused(tenant: Tenant) -> None:
    tenant.token = Issuer(lifetime=3600).issue(GRAPH, None)["access_token"]
    assert code(await tenant.call("GET", HUB_PATH)) == (401, "InvalidAuthenticationToken")


async def test_a_token_for_another_audience_is_refused(tenant: Tenant) -> None:
    tenant.token = tenant.issuer.issue("https://vault.azure.net", None)["access_token"]
    assert code(await tenant.call("GET", HUB_PATH)) == (401, "InvalidAuthenticationToken")


async def test_a_missing_permission_is_denied_in_the_words_of_each_service(
    tenant: Tenant,
) -> None:
    tenant.issuer.roles[GRAPH] = ["Device.Read.All", "DeviceManagementManagedDevices.Read.All"]
    tenant.token = tenant.issuer.issue(GRAPH, None)["access_token"]
    directory = await tenant.call("PATCH", HUB_PATH, {"displayName": "x"})
    assert code(directory) == (403, "Authorization_RequestDenied")
    intune = await tenant.call("PATCH", MANAGED_PATH, {"notes": "x"})
    assert code(intune) == (403, "Forbidden")
    assert "Message" in json.loads(intune.json()["error"]["message"])
    assert (await tenant.call("GET", HUB_PATH)).status_code == 200
    assert (await tenant.call("GET", MANAGED_PATH)).status_code == 200
    action = await tenant.call("POST", f"{MANAGED_PATH}/syncDevice")
    assert code(action) == (403, "Forbidden")


async def test_identifiers_of_the_exchange_are_repeated(tenant: Tenant) -> None:
    mine = str(uuid.uuid4())
    answer = await tenant.call("GET", f"/devices/{mine}", headers={"client-request-id": mine})
    inner = answer.json()["error"]["innerError"]
    assert answer.headers["client-request-id"] == inner["client-request-id"] == mine
    assert answer.headers["request-id"] == inner["request-id"] != mine
    assert "date" in inner


@pytest.mark.parametrize("path", [f"/{HUB_PATH}", f"{HUB_PATH}/", "/devices//x"])
async def test_a_path_that_is_not_normalised_is_refused(tenant: Tenant, path: str) -> None:
    assert code(await tenant.call("GET", path)) == (400, "BadRequest")


async def test_a_path_that_graph_does_not_have_is_refused(tenant: Tenant) -> None:
    answer = await tenant.call("GET", "/gadgets/1")
    assert code(answer) == (400, "BadRequest")
    assert "segment 'gadgets'" in answer.json()["error"]["message"]


async def test_a_method_the_path_does_not_take_is_refused(tenant: Tenant) -> None:
    assert (await tenant.call("PUT", HUB_PATH, {})).status_code == 405


async def test_a_body_must_be_declared_as_json_and_be_json(tenant: Tenant) -> None:
    untyped = await tenant.call("PATCH", HUB_PATH, content=b"{}")
    assert code(untyped) == (400, "BadRequest")
    text = await tenant.call("PATCH", HUB_PATH, content=b"{}", headers={"Content-Type": "text/x"})
    assert text.status_code == 415
    json_type = {"Content-Type": "application/json"}
    for broken in (b"", b"{", b"[]", b"\xff"):
        answer = await tenant.call("PATCH", HUB_PATH, content=broken, headers=json_type)
        assert code(answer) == (400, "BadRequest")


async def test_beta_and_v1_are_both_served(tenant: Tenant) -> None:
    assert "ownerType" not in (await tenant.call("GET", MANAGED_PATH)).json()
    assert "ownerType" in (await tenant.call("GET", f"/beta{MANAGED_PATH}")).json()
