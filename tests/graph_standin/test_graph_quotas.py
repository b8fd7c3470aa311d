import httpx
from tenants import Tenant, code, device, managed

PATH = f"/devices/{device('HUB-ATRIUM')['id']}"
MANAGED_PATH = f"/deviceManagement/managedDevices/{managed('HUB-ATRIUM')['id']}"


async def write(tenant: Tenant) -> httpx.Response:
    return await tenant.call("PATCH", MANAGED_PATH, {"notes": "x"})


async def test_writes_beyond_the_quota_wait_for_the_window(tenant: Tenant) -> None:
    await tenant.control("PUT", "/quotas", {"intune": {"writes": 3, "seconds": 20}})
    for _ in range(3):
        assert (await write(tenant)).status_code == 200
        tenant.clock.now += 2
    refused = await write(tenant)
    assert code(refused) == (429, "TooManyRequests")
    assert refused.headers["Retry-After"] == "14"
    tenant.clock.now += 14
    assert (await write(tenant)).status_code == 200
    assert (await write(tenant)).status_code == 429
    tenant.clock.now += 2
    assert (await write(tenant)).status_code == 200


async def test_reads_and_the_other_service_have_their_own_quota(tenant: Tenant) -> None:
    quotas = {
        "intune": {"writes": 1, "seconds": 20, "retryAfter": False},
        "directory": {"writes": 1, "seconds": 150},
    }
    await tenant.control("PUT", "/quotas", quotas)
    await write(tenant)
    refused = await write(tenant)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert (await tenant.call("GET", MANAGED_PATH)).status_code == 200
    assert (await tenant.call("PATCH", PATH, {"displayName": "x"})).status_code == 204
    assert (await tenant.call("PATCH", PATH, {"displayName": "x"})).status_code == 429


async def test_the_directory_says_how_full_its_window_is_when_it_is_nearly_full(
    tenant: Tenant,
) -> None:
    await tenant.control("PUT", "/quotas", {"directory": {"writes": 5, "seconds": 150}})
    name = "x-ms-throttle-limit-percentage"
    said = [
        (await tenant.call("PATCH", PATH, {"displayName": "x"})).headers.get(name) for _ in range(6)
    ]
    assert said == [None, None, None, "0.80", "1.00", "1.00"]
    assert name not in (await write(tenant)).headers


async def test_without_a_quota_nothing_is_throttled(tenant: Tenant) -> None:
    await tenant.control("PUT", "/quotas", {"intune": {"writes": 1, "seconds": 20}})
    await tenant.control("PUT", "/quotas", {"intune": None})
    assert [(await write(tenant)).status_code for _ in range(5)] == [200] * 5
