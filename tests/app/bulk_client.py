"""Bulk changes over HTTP, as their callers use them."""

import uuid
from typing import Any

import httpx
from sluice_client import ENDED, Sluice
from tenant_control import TenantControl
from waiting import eventually


def add_devices(graph: TenantControl, count: int) -> list[dict[str, Any]]:
    """So many new Entra devices, added at once."""
    devices = [
        {
            "id": str(uuid.uuid4()),
            "deviceId": str(uuid.uuid4()),
            "displayName": "HUB",
            "operatingSystem": "Windows",
            "extensionAttributes": {f"extensionAttribute{n}": None for n in range(1, 16)},
        }
        for _ in range(count)
    ]
    graph.call("POST", "/objects", {"devices": devices})
    return devices


def bulk_request(devices: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """Give all of them one name."""
    targets = [{"id": device["id"]} for device in devices]
    properties = {"displayName": "HUB-NEW"}
    return {"operation": "patchDevice", "set": properties, "targets": targets, **members}


def post_bulk(sluice: Sluice, body: Any, *, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return sluice.http.post("/bulk-changes", json=body, headers=headers)


def accepted_bulk(sluice: Sluice, body: Any) -> str:
    """The id of a bulk change that has to be accepted."""
    answer = post_bulk(sluice, body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/bulk-changes/{answer.json()['id']}"
    return str(answer.json()["id"])


def get_bulk(sluice: Sluice, bulk: str) -> dict[str, Any]:
    answer = sluice.http.get(f"/bulk-changes/{bulk}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wait_bulk(sluice: Sluice, bulk: str, *states: str, within: float = 60.0) -> dict[str, Any]:
    """The bulk change, once it is in one of these states (without any: once it has ended)."""

    def reached() -> dict[str, Any] | None:
        found = get_bulk(sluice, bulk)
        return found if found["state"] in (states or ENDED) else None

    return eventually(reached, within=within, what=f"{bulk} in {states or ENDED}")


def act_bulk(sluice: Sluice, bulk: str, action: str, options: Any = None) -> httpx.Response:
    return sluice.http.post(f"/bulk-changes/{bulk}/{action}", json=options)


def counted(bulk: dict[str, Any]) -> dict[str, int]:
    """The counts that are not 0."""
    return {what: number for what, number in bulk["counts"].items() if number}
