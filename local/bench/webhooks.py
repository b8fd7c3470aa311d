"""Accepted webhooks a second, and how long they take, beside a handler that only answers 202."""

import asyncio
import base64
import hashlib
import hmac
import json
import statistics
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.bench.latency import add_devices, new_device
from local.demo.vault import store_secret
from local.up.stack import running_stack

BARE = Path(__file__).parent / "bare"
SENDERS = 16
_SECRET = "a secret of the benchmark alone"  # noqa: S105  of a stand-in that ends with the run
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Load:
    """What came of one run: a second, and milliseconds."""

    accepted: float
    median: float
    p99: float
    first: float
    """The first request of the process, which finds everything cold."""


def report() -> None:
    """Print how fast webhooks are accepted."""
    bare, sluice = asyncio.run(measure())
    print("webhooks, 16 senders   ratio   a second   ms median     p99   first of the process")
    for name, load in (("a bare 202", bare), ("accepted", sluice)):
        ratio = bare.accepted / load.accepted
        print(
            f"  {name:18} {ratio:8.2f}   {load.accepted:8.0f}   {load.median:9.1f}"
            f"   {load.p99:5.1f}   {load.first:10.1f}"
        )


async def measure(webhooks: int = 600) -> tuple[Load, Load]:
    """The bare handler and Sluice, one after the other on this machine."""
    devices = [new_device() for _ in range(webhooks + 1)]
    async with running_stack(app=BARE) as stack:
        bare = await _load(stack.endpoints.http, devices)
    async with running_stack(settings={"WEBHOOK_SOURCES": "servicenow"}) as stack:
        await store_secret(stack.endpoints, "webhook-servicenow", _SECRET)
        # Its changes are carried out meanwhile, as they are in Azure.
        await add_devices(stack.endpoints.graph, devices)
        return bare, await _load(stack.endpoints.http, devices)


async def _load(http: str, devices: list[dict[str, Any]]) -> Load:
    url, waiting, times = f"{http}/api/webhooks/servicenow", iter(devices), list[float]()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        first = await _send(client, url, next(waiting))

        async def sender() -> None:
            for device in waiting:
                times.append(await _send(client, url, device))

        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(SENDERS)))
        took = time.perf_counter() - began
    quantiles = statistics.quantiles(times, n=100)
    return Load(len(times) / took, statistics.median(times), quantiles[98], first)


async def _send(client: httpx.AsyncClient, url: str, device: dict[str, Any]) -> float:
    body = json.dumps(_item(device)).encode()
    began = time.perf_counter()
    answer = await client.post(url, content=body, headers=_JSON | _signature(body))
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != httpx.codes.ACCEPTED:
        raise RuntimeError(f"a webhook of the benchmark was answered {answer.status_code}")
    return took


def _signature(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    mac = hmac.new(_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "X-Sluice-Timestamp": stamp,
        "X-Sluice-Signature": "sha256=" + base64.b64encode(mac).decode(),
    }


def _item(device: dict[str, Any]) -> dict[str, Any]:
    """A requested item for the device."""
    return {
        "sys_id": uuid.uuid4().hex,
        "number": "RITM0010042",
        "sys_mod_count": "1",
        "approval": "approved",
        "cat_item": "8f2d3c51dba31010a1f7d9e0ad961901",
        "short_description": "Move",
        "variables": {"device_id": device["deviceId"], "cost_centre": "CC-1042"},
    }
