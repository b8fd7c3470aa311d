"""Accepted webhooks a second, and how long they take, beside a handler that only answers 202."""

import asyncio
import base64
import hashlib
import hmac
import json
import statistics
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.bench.latency import add_devices, new_device
from local.bench.table import Part, Row
from local.demo.sluice import Sluice
from local.demo.vault import store_secret
from local.memory import cpu_of
from local.up.stack import Stack, running_stack

BARE = Path(__file__).parent / "bare"
SENDERS = 16
SECRET = "a secret of the benchmark alone"  # noqa: S105  of a stand-in that ends with the run
_JSON = {"Content-Type": "application/json"}


_ACCEPTED_ONLY = {
    f"AzureWebJobs.{function}.Disabled": "1" for function in ("changes_message", "write_back")
}


@dataclass(frozen=True)
class Load:
    """What came of one run: a second, milliseconds, and milliseconds of CPU for each webhook."""

    accepted: float
    median: float
    p99: float
    first: float
    """The first request of the process, which finds everything cold."""
    host: float
    """CPU of the app's process, the host around it included."""
    others: float
    """CPU of the broker, the tables and the other stand-ins, which share the machine with it."""


async def report() -> AsyncIterator[Part]:
    """How fast webhooks are accepted."""
    loads = await measure()
    bare, *_ = loads.values()
    rows = [
        Row(
            bare.accepted / load.accepted,
            name,
            (
                f"{load.accepted:.0f}",
                *(f"{ms:.1f}" for ms in (load.median, load.p99, load.first)),
                f"{load.host / bare.host:.2f}",
                *(f"{ms:.1f}" for ms in (load.host, load.others)),
            ),
        )
        for name, load in loads.items()
    ]
    yield Part(
        f"webhooks, {SENDERS} senders",
        ("a second", "ms, median", "p99", "first", "CPU: ratio", "ms of the app", "of stand-ins"),
        rows,
    )


async def measure(webhooks: int = 600) -> dict[str, Load]:
    """The bare handler, and Sluice without and with its own work on what it has accepted."""
    settings = {"WEBHOOK_SOURCES": "servicenow"}
    devices = [new_device() for _ in range(webhooks + 1)]
    async with running_stack(app=BARE) as stack:
        loads = {"a bare 202": await _load(stack, devices)}
    for name, more in (("accepted alone", _ACCEPTED_ONLY), ("accepted and carried out", {})):
        async with running_stack(settings=settings | more) as stack:
            await store_secret(stack.endpoints, "webhook-servicenow", SECRET)
            await add_devices(stack.endpoints.graph, devices)
            loads[name] = await _load(stack, devices, carried_out=not more)
    return loads


async def _load(stack: Stack, devices: list[dict[str, Any]], *, carried_out: bool = False) -> Load:
    url, waiting = f"{stack.endpoints.http}/api/webhooks/servicenow", iter(devices)
    times = list[float]()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        first, answer = await _send(client, url, next(waiting))
        if carried_out:  # with its end the process has loaded all that it ever needs
            change = answer.json()["changes"][0]["id"]
            await Sluice(stack.endpoints, client).ended(change)

        async def sender() -> None:
            for device in waiting:
                times.append((await _send(client, url, device))[0])

        before, began = _cpu(stack), time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(SENDERS)))
        took, after = time.perf_counter() - began, _cpu(stack)
    quantiles = statistics.quantiles(times, n=100)
    host, others = (1000 * (b - a) / len(times) for a, b in zip(before, after, strict=True))
    median = statistics.median(times)
    return Load(len(times) / took, median, quantiles[98], first, host, others)


def _cpu(stack: Stack) -> tuple[float, float]:
    """Seconds of the host, and of all others."""
    used = {name: cpu_of(pid) for name, pid in stack.pids.items()}
    host = used.pop("host")
    return host, sum(used.values())


async def _send(
    client: httpx.AsyncClient, url: str, device: dict[str, Any]
) -> tuple[float, httpx.Response]:
    """How many milliseconds one took, and its answer."""
    body, headers = signed_item(device)
    began = time.perf_counter()
    answer = await client.post(url, content=body, headers=headers)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != httpx.codes.ACCEPTED:
        raise RuntimeError(f"a webhook of the benchmark was answered {answer.status_code}")
    return took, answer


def signed_item(device: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """What ServiceNow's script sends to have a device changed: the body and the headers."""
    body = json.dumps(_item(device)).encode()
    return body, _JSON | _signature(body)


def _signature(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
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
