"""From the start of a process to its first answers, beside a bare app and one that imports all.

Each app runs in a worker process of its own, as in Azure, once for a webhook and once for a message
on `changes`, each of which is the first thing that this process has to do.
"""

import asyncio
import json
import shutil
import statistics
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import httpx
from azure.servicebus import NEXT_AVAILABLE_SESSION
from azure.servicebus.aio import ServiceBusClient

from local.bench.latency import add_devices, new_device
from local.bench.table import Part, Row
from local.bench.webhooks import BARE, SECRET, signed_item
from local.bench.worker.process import Report, running_worker
from local.demo.vault import store_secret
from local.host.protos import rpc_pb2 as rpc
from local.host.servicebus.binding_data import trigger_data, trigger_metadata
from local.up.endpoints import Endpoints
from local.up.process import ROOT
from local.up.stack import running_stack

EAGER = Path(__file__).parent / "eager"
IDLE = 2.0
"""Seconds that the host of the second row takes until it has an invocation."""


MOMENTS = ("indexed", "the first webhook answered", "the first request to Graph")


@dataclass(frozen=True)
class Moment:
    """What there is to say of a process by then."""

    seconds: float
    """Since it was started, without the idle time."""
    cpu: float
    """Seconds. This and the rest are, with Graph, of the moment when the change was carried out."""
    modules: float
    memory: float
    """Megabytes."""


async def report() -> AsyncIterator[Part]:
    """How long the first things of a process take."""
    measured = await measure()
    for number, what in enumerate(MOMENTS):
        moments = {
            # The bare app never asks Graph.
            name if number < len(each) else f"{name}, its last": each[min(number, len(each) - 1)]
            for name, each in measured.items()
        }
        first, *_ = moments.values()
        yield Part(
            f"from the start of a process to {what}",
            ("seconds", "CPU seconds", "modules", "MB"),
            [
                Row(
                    each.seconds / first.seconds,
                    name,
                    (
                        f"{each.seconds:.2f}",
                        f"{each.cpu:.2f}",
                        f"{each.modules:.0f}",
                        f"{each.memory:.0f}",
                    ),
                )
                for name, each in moments.items()
            ],
        )


async def measure(runs: int = 5) -> dict[str, list[Moment]]:
    """Start each app so many times, on one stack; the first start is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        async with _running(Path(folder)) as host:
            compiled = _byte_code(Path(folder, "all"))
            await host.start(ROOT, compiled)
            await host.start(EAGER, compiled)
            library = sysconfig.get_path("stdlib").lstrip("/")
            shutil.copytree(Path(folder, "all", library), Path(folder, "library", library))
            alone = _byte_code(Path(folder, "library")) | {"PYTHONDONTWRITEBYTECODE": "1"}
            return {
                "a bare 202": await host.median(runs, BARE, compiled),
                "Sluice": await host.median(runs, ROOT, compiled),
                f"Sluice, idle for {IDLE:.0f} s before": await host.median(
                    runs, ROOT, compiled, IDLE
                ),
                "Sluice with all imports at the top": await host.median(runs, EAGER, compiled),
                "Sluice without byte code": await host.median(runs, ROOT, alone),
            }


def _byte_code(folder: Path) -> dict[str, str]:
    """Settings of a process that finds byte code there, and only there, or leaves it there."""
    return {"PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class _Host:
    """What stands in for the host of the workers, and for all around it."""

    endpoints: Endpoints
    http: httpx.AsyncClient
    bus: ServiceBusClient
    log: Path

    async def median(
        self, runs: int, app: Path, python: Mapping[str, str], idle: float = 0.0
    ) -> list[Moment]:
        starts = [await self.start(app, python, idle) for _ in range(runs)]
        return [
            Moment(*map(statistics.median, zip(*map(astuple, moments), strict=True)))
            for moments in zip(*starts, strict=True)
        ]

    async def start(self, app: Path, python: Mapping[str, str], idle: float = 0.0) -> list[Moment]:
        settings = json.loads(self.endpoints.settings.read_text())["Values"] | python
        device = new_device()
        await add_devices(self.endpoints.graph, [device])
        name = "take" if app == BARE else "post_webhook"
        began = time.time()
        async with running_worker(app, settings, self.log) as worker:
            indexed = _moment(time.time() - began, worker.indexed)
            await asyncio.sleep(idle)
            answered = await worker.invoke(name, _webhook(device))
            webhook = _moment(time.time() - began - idle, answered)
        if answered.status != "202":
            raise RuntimeError(f"a webhook of the benchmark was answered {answered.status}")
        if app == BARE:
            return [indexed, webhook]
        return [indexed, webhook, await self._change(app, settings, device, idle)]

    async def _change(
        self, app: Path, settings: Mapping[str, str], device: dict[str, Any], idle: float
    ) -> Moment:
        receiver = self.bus.get_queue_receiver("changes", session_id=NEXT_AVAILABLE_SESSION)
        async with receiver:
            [message] = await receiver.receive_messages(max_wait_time=10)
            data, metadata = trigger_data(message, binary=True), trigger_metadata(message)
            began = time.time()
            async with running_worker(app, settings, self.log) as worker:
                await asyncio.sleep(idle)
                done = await worker.invoke("changes_message", data, metadata)
            if not done.succeeded:
                raise RuntimeError(f"a change of the benchmark failed: {self.log.read_text()}")
            await receiver.complete_message(message)
        parameters = {"path": device["deviceId"]}
        control = f"{self.endpoints.graph}/_control/journal"
        first = (await self.http.get(control, params=parameters)).json()[0]
        return _moment(first["at"] - began - idle, done)


def _moment(seconds: float, process: Report) -> Moment:
    return Moment(seconds, process.cpu, process.modules, process.memory / 1e6)


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[_Host]:
    # The stack's own host would take the messages.
    settings = {"WEBHOOK_SOURCES": "servicenow"}
    async with (
        running_stack(app=BARE, settings=settings) as stack,
        httpx.AsyncClient(timeout=30, trust_env=False) as http,
        ServiceBusClient.from_connection_string(stack.endpoints.service_bus_connection) as bus,
    ):
        await store_secret(stack.endpoints, "webhook-servicenow", SECRET)
        yield _Host(stack.endpoints, http, bus, folder / "worker.log")


def _webhook(device: dict[str, Any]) -> rpc.TypedData:
    """A ticket as the host hands it on."""
    body, headers = signed_item(device)
    http = rpc.RpcHttp(
        method="POST",
        url="https://sluice.example/api/webhooks/servicenow",
        headers={name.lower(): value for name, value in headers.items()},
        params={"source": "servicenow"},
    )
    http.body.bytes = body
    return rpc.TypedData(http=http)
