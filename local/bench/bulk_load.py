"""Many changes by few requests: bulk changes over HTTP, of devices that nobody else has."""

import asyncio
import uuid

import httpx

from local.bench.latency import add_devices, new_device
from local.up.endpoints import Endpoints

_MOST = 10_000
"""Targets that one request takes."""


async def carry_out(endpoints: Endpoints, http: httpx.AsyncClient, count: int) -> None:
    """Change so many devices, and wait until all are proven. Raises RuntimeError where one is not.

    The stand-in's journal is emptied: it would keep every exchange.
    """
    while count:
        some = min(count, _MOST)
        devices = [new_device() for _ in range(some)]
        for start in range(0, some, 1_000):
            await add_devices(endpoints.graph, devices[start : start + 1_000])
        await _one(endpoints, http, [{"deviceId": device["deviceId"]} for device in devices])
        (await http.delete(f"{endpoints.graph}/_control/journal")).raise_for_status()
        count -= some


async def _one(
    endpoints: Endpoints, http: httpx.AsyncClient, targets: list[dict[str, str]]
) -> None:
    url = f"{endpoints.http}/api/bulk-changes"
    headers = {"x-functions-key": endpoints.function_key, "Idempotency-Key": uuid.uuid4().hex}
    request = {
        "operation": "patchDevice",
        "set": {"extensionAttributes": {"extensionAttribute1": "bench"}},
        "targets": targets,
    }
    answer = await http.post(url, json=request, headers=headers)
    bulk = answer.raise_for_status().json()["id"]
    while True:
        found = (await http.get(f"{url}/{bulk}", headers=headers)).raise_for_status().json()
        if found["counts"]["verified"] == len(targets) and found["state"] == "verified":
            return
        if found["state"] not in ("accepted", "applying"):
            raise RuntimeError(f"a bulk change of the benchmark is {found['state']}: {found}")
        await asyncio.sleep(2)
