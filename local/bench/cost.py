"""CPU and round trips of one change, beside the SDK's read, write and read of the same device."""

import asyncio
import json
import os
import sys
import uuid
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from azure.data.tables.aio import TableServiceClient

from local.bench.latency import add_devices, graph_token, new_device
from local.bench.table import Part, Row
from local.demo.sluice import Sluice
from local.up.endpoints import Endpoints
from local.up.process import ROOT
from local.up.stack import running_stack

SENDERS = 16
_SETTINGS = {
    # It is the cost of the work that is measured, not the wait for a quota.
    "GRAPH_QUOTAS": "directory-writes=100000/150,directory-units=100000/10",
    "RESEND_SCHEDULE": "0 0 0 1 1 *",
}


@dataclass(frozen=True)
class Cost:
    """Of one change, the mean of all."""

    cpu: float
    """Milliseconds of the host's process, which is the app's: from POST to the outcome told."""
    bare: float
    """The same of a process that only reads, writes and reads Graph by the SDK's adapter."""
    trips: dict[str, float]
    connections: dict[str, int]
    """Opened while all changes were made."""


async def report() -> AsyncIterator[Part]:
    """What one change costs."""
    cost = await measure()
    opened = sum(cost.connections.values())
    yield Part(
        f"one of {CHANGES} changes, {SENDERS} at once",
        ("CPU ms", *cost.trips, "connections opened for all"),
        [
            Row(
                1, "the same by the SDK alone", (f"{cost.bare:.1f}", *[""] * (len(cost.trips) + 1))
            ),
            Row(
                cost.cpu / cost.bare,
                "from POST to its outcome",
                (f"{cost.cpu:.1f}", *(f"{n:.1f}" for n in cost.trips.values()), str(opened)),
            ),
        ],
    )


CHANGES = 300


async def measure(changes: int = CHANGES) -> Cost:
    """Let a warm stack make so many changes, each of a device of its own."""
    warm, devices = (
        [new_device() for _ in range(SENDERS * 2)],
        [new_device() for _ in range(changes)],
    )
    async with (
        running_stack(metered=True, settings=_SETTINGS) as stack,
        httpx.AsyncClient(timeout=30, trust_env=False) as http,
    ):
        endpoints = stack.endpoints
        await add_devices(endpoints.graph, warm + devices)
        await _change(endpoints, http, warm)
        await http.delete(f"{endpoints.meter}/_control/journal")
        before = _cpu_seconds(stack.pids["host"])
        await _change(endpoints, http, devices)
        cpu = _cpu_seconds(stack.pids["host"]) - before
        journal = (await http.get(f"{endpoints.meter}/_control/journal")).json()
        bare = await _bare(endpoints, http, devices)
    return Cost(cpu * 1000 / changes, bare, _trips(journal, changes), _connections(journal))


async def _change(
    endpoints: Endpoints, http: httpx.AsyncClient, devices: list[dict[str, Any]]
) -> None:
    sluice, waiting = Sluice(endpoints, http), iter(devices)

    async def sender() -> None:
        for device in waiting:
            request = {
                "operation": "patchDevice",
                "target": {"deviceId": device["deviceId"]},
                "set": {"extensionAttributes": {"extensionAttribute1": "bench"}},
            }
            (await sluice.post(request, uuid.uuid4().hex)).raise_for_status()

    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    async with TableServiceClient.from_connection_string(endpoints.table_connection) as tables:
        lines = tables.get_table_client("lines")
        # A device has no line any more when its change has ended; that is another process.
        while [line async for line in lines.list_entities()]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _bare(
    endpoints: Endpoints, http: httpx.AsyncClient, devices: list[dict[str, Any]]
) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.bench.bare_calls", endpoints.graph),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )
    given = {
        "token": await graph_token(http, endpoints.identity, endpoints.identity_header),
        "devices": [device["deviceId"] for device in devices],
    }
    said, _ = await process.communicate(json.dumps(given).encode())
    return float(said)


def _trips(journal: list[dict[str, str]], changes: int) -> dict[str, float]:
    calls = Counter(each["service"] for each in journal if each["what"] not in ("connect", "open"))
    shared = Counter(
        name for name in ("quotas", "policy") for each in journal if f"/{name}(" in each["where"]
    )
    messages = Counter(
        each["what"]
        for each in journal
        if each["service"] == "broker" and each["where"] in ("changes", "outcomes")
    )
    found = {
        "Graph": calls["graph"],
        "tables": calls["tables"],
        "of them quotas": shared["quotas"],
        "of them policy": shared["policy"],
        "messages received": messages["receive"],
        "messages sent": messages["send"],
    }
    return {name: count / changes for name, count in found.items()}


def _connections(journal: list[dict[str, str]]) -> dict[str, int]:
    """Those of the app; receivers are the host's, which in Azure keeps one connection."""
    opened = Counter(
        each["service"] if each["what"] == "connect" else "senders"
        for each in journal
        if (each["what"] == "connect" and each["service"] != "broker")
        or (each["what"] == "open" and each["where"] == "SBSender")
    )
    return dict(sorted(opened.items()))


def _cpu_seconds(pid: int) -> float:
    # proc(5): behind the name in parentheses, utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
