"""From POST to the first request to Graph on an idle stack, beside calling Graph directly."""

import statistics
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from local.bench.table import Part, Row
from local.demo.sluice import Sluice
from local.up.stack import running_stack


@dataclass(frozen=True)
class Latency:
    """Milliseconds, median of all changes but the first, which finds everything cold."""

    answered: float
    """POST to 202."""
    graph: float
    """POST to the first request to Graph."""
    verified: float
    """POST to the record that says verified."""
    direct: float
    """A read, a write and a read of Graph without Sluice: what `verified` needs at least."""
    first: float
    """POST to the first request to Graph, of the first change of the process."""


async def report() -> AsyncIterator[Part]:
    """How long one change takes."""
    measured = await measure()
    rows = (
        ("Graph alone: read, write, read", measured.direct),
        ("POST to 202", measured.answered),
        ("POST to the first Graph request", measured.graph),
        ("POST to verified", measured.verified),
        ("the first of the process, to Graph", measured.first),
    )
    direct = measured.direct
    yield Part(
        "one change on an idle stack",
        ("ms, median",),
        [Row(value / direct, name, (f"{value:.1f}",)) for name, value in rows],
    )


async def measure(changes: int = 40) -> Latency:
    """Send changes one after the other, each to a device of its own."""
    async with running_stack() as stack, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        graph = stack.endpoints.graph
        devices = [new_device() for _ in range(changes)]
        await add_devices(graph, devices)
        sluice = Sluice(stack.endpoints, http)
        samples = [await _one(sluice, http, graph, device) for device in devices]
        token = await graph_token(http, stack.endpoints.identity, stack.endpoints.identity_header)
        direct = [await _direct(http, graph, token, device) for device in devices]
    answered, reached, verified = (
        statistics.median(parts) for parts in zip(*samples[1:], strict=True)
    )
    return Latency(answered, reached, verified, statistics.median(direct), samples[0][1])


async def _one(
    sluice: Sluice, http: httpx.AsyncClient, graph: str, device: dict[str, Any]
) -> tuple[float, float, float]:
    request = {
        "operation": "patchDevice",
        "target": {"deviceId": device["deviceId"]},
        "set": {"extensionAttributes": {"extensionAttribute1": "bench"}},
    }
    began = time.time()
    answer = await sluice.post(request, uuid.uuid4().hex)
    answered = time.time()
    change = await sluice.ended(answer.raise_for_status().json()["id"])
    if change["state"] != "verified":
        raise RuntimeError(f"a change of the benchmark ended {change['state']}")
    path = f"deviceId='{device['deviceId']}'"
    journal = (await http.get(f"{graph}/_control/journal", params={"path": path})).json()
    verified = _seconds(change["updatedAt"])
    return _ms(answered - began), _ms(journal[0]["at"] - began), _ms(verified - began)


async def _direct(http: httpx.AsyncClient, graph: str, token: str, device: dict[str, Any]) -> float:
    url = f"{graph}/v1.0/devices(deviceId='{device['deviceId']}')"
    headers = {"Authorization": f"Bearer {token}"}
    body = {"extensionAttributes": {"extensionAttribute1": "direct"}}
    began = time.time()
    (await http.get(url, headers=headers)).raise_for_status()
    (await http.patch(url, headers=headers, json=body)).raise_for_status()
    (await http.get(url, headers=headers)).raise_for_status()
    return _ms(time.time() - began)


async def graph_token(http: httpx.AsyncClient, identity: str, header: str) -> str:
    """A token for Graph, from the managed identity endpoint."""
    parameters = {"api-version": "2019-08-01", "resource": "https://graph.microsoft.com"}
    answer = await http.get(identity, params=parameters, headers={"X-IDENTITY-HEADER": header})
    return str(answer.raise_for_status().json()["access_token"])


async def add_devices(graph: str, devices: list[dict[str, Any]]) -> None:
    """Put Entra devices into the tenant."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.post(f"{graph}/_control/objects", json={"devices": devices})
        answer.raise_for_status()


def new_device() -> dict[str, Any]:
    """An Entra device that nobody else has."""
    return {
        "id": str(uuid.uuid4()),
        "deviceId": str(uuid.uuid4()),
        "displayName": "BENCH",
        "accountEnabled": True,
        "operatingSystem": "Windows",
        "operatingSystemVersion": "10.0",
        "extensionAttributes": {},
    }


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _ms(seconds: float) -> float:
    return seconds * 1000
