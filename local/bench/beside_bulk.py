"""One change after the other, idle and beside a bulk change that has used up Graph's quota."""

import asyncio
import statistics
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import time
from typing import Any

import httpx

from local.bench.latency import add_devices, new_device
from local.bench.table import Part, Row
from local.demo.sluice import Sluice
from local.up.endpoints import Endpoints
from local.up.stack import running_stack

WRITES, SECONDS = 60, 10.0
TARGETS = 400
SAMPLES = 20


@dataclass(frozen=True)
class Sample:
    """One change: milliseconds from its POST, and writes of others that Graph saw meanwhile."""

    read: float
    written: float
    overtaken_by: int


async def report() -> AsyncIterator[Part]:
    """How long a single change takes in both cases."""
    idle, beside = await measure()
    usual = statistics.median(sample.written for sample in idle)
    yield Part(
        f"one change, {WRITES} writes in {SECONDS:g} s",
        ("ms to Graph", "to its write", "longest", "writes of others meanwhile, most"),
        [_row("idle", idle, usual), _row(f"beside a bulk change of {TARGETS}", beside, usual)],
    )


def _row(name: str, samples: list[Sample], usual: float) -> Row:
    written = [sample.written for sample in samples]
    median = statistics.median(written)
    values = (statistics.median(sample.read for sample in samples), median, max(written))
    others = max(sample.overtaken_by for sample in samples)
    return Row(median / usual, name, (*(f"{value:.0f}" for value in values), str(others)))


async def measure(samples: int = SAMPLES, targets: int = TARGETS) -> tuple[list[Sample], ...]:
    """So many single changes idle, then as many while a bulk change of so many targets drains."""
    size = f"{WRITES}/{SECONDS:g}"
    settings = {"GRAPH_QUOTAS": f"directory-writes={size}"}
    async with (
        running_stack(settings=settings) as stack,
        httpx.AsyncClient(timeout=60, trust_env=False) as http,
    ):
        graph, sluice = stack.endpoints.graph, Sluice(stack.endpoints, http)
        enforced = {"directory": {"writes": WRITES, "seconds": SECONDS}}
        (await http.put(f"{graph}/_control/quotas", json=enforced)).raise_for_status()
        await _one(http, sluice, graph)  # which finds everything cold
        idle = [await _one(http, sluice, graph) for _ in range(samples)]
        await _begin_bulk(http, stack.endpoints, targets)
        beside = [await _one(http, sluice, graph) for _ in range(samples)]
        if len(await _writes(http, graph)) > targets:
            raise RuntimeError("the bulk change had ended before the last single change")
    return idle, beside


async def _begin_bulk(http: httpx.AsyncClient, endpoints: Endpoints, targets: int) -> None:
    """Ask for it, and wait until its quota is used up."""
    devices = [new_device() for _ in range(targets)]
    await add_devices(endpoints.graph, devices)
    body = {
        "operation": "patchDevice",
        "set": {"extensionAttributes": {"extensionAttribute1": "bulk"}},
        "targets": [{"id": device["id"]} for device in devices],
        "canary": 1,
    }
    headers = {"x-functions-key": endpoints.function_key}
    before = len(await _writes(http, endpoints.graph))
    answer = await http.post(f"{endpoints.http}/api/bulk-changes", json=body, headers=headers)
    answer.raise_for_status()
    while len(await _writes(http, endpoints.graph)) < before + WRITES:  # noqa: ASYNC110  as above
        await asyncio.sleep(0.5)


async def _one(http: httpx.AsyncClient, sluice: Sluice, graph: str) -> Sample:
    device = new_device()
    await add_devices(graph, [device])
    request = {
        "operation": "patchDevice",
        "target": {"id": device["id"]},
        "set": {"extensionAttributes": {"extensionAttribute1": "single"}},
    }
    began = time()
    answer = await sluice.post(request, uuid.uuid4().hex)
    change = await sluice.ended(answer.raise_for_status().json()["id"], seconds=120)
    if change["state"] != "verified":
        raise RuntimeError(f"a change of the benchmark ended {change['state']}")
    query = {"path": device["id"]}
    journal = (await http.get(f"{graph}/_control/journal", params=query)).json()
    written = next(entry for entry in journal if entry["method"] == "PATCH")
    others = [e for e in await _writes(http, graph) if began < e["at"] < written["at"]]
    return Sample((journal[0]["at"] - began) * 1000, (written["at"] - began) * 1000, len(others))


async def _writes(http: httpx.AsyncClient, graph: str) -> list[dict[str, Any]]:
    answer = await http.get(f"{graph}/_control/journal", params={"method": "PATCH"})
    return list(answer.raise_for_status().json())
