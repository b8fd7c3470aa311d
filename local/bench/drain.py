"""A backlog drained against Graph's quotas for writes, which are enforced.

Beside it a function as public samples write it, and the ideal. The changes are Intune's, but for
one case with two quotas: a quarter of the whole is Intune's there, the rest the directory's, and of
the changes one half each, so that Intune's have to wait three times as long. The quota, or both
together, is half of what this machine can do, so that it and not the machine is the limit; its
span is half of Intune's, so clocks and round trips weigh twice as much as they do there. All of it
is allotted to Sluice (GRAPH_QUOTA_PERCENT=100).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from azure.servicebus import ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient

from local.bench.changes import (
    DIRECTORY,
    INTUNE,
    ROUNDS,
    Accepted,
    Change,
    Service,
    accept,
    add_devices_of,
    changes_of,
    naive_messages,
    send,
    warm_up,
)
from local.bench.table import Part, Row
from local.bench.writes import Drained, Quota, name_of, of_service, seen
from local.up.endpoints import Endpoints
from local.up.stack import Stack, running_stack

NAIVE = Path(__file__).parent / "naive"
CHANGES = 2_000
SPAN = 10.0
PART = 0.5
"""Of what the machine can do, the quota."""
_PATIENCE = 90.0
"""Seconds without any write after which a drain has ended."""


@dataclass(frozen=True)
class Case:
    """One drain."""

    name: str
    hosts: int
    naive: bool = False
    kill: str | None = None
    shares: Mapping[Service, float] = field(default_factory=lambda: {INTUNE: 1.0})
    """Of the quota, for each service."""

    def quotas(self, whole: Quota) -> dict[Service, Quota]:
        """What each service gets of the whole."""
        return {
            service: Quota(max(1, round(whole.writes * share)), whole.seconds)
            for service, share in self.shares.items()
        }


_BOTH = {INTUNE: 0.25, DIRECTORY: 0.75}
CASES = (
    Case("as samples write it, 4 processes", 4, naive=True),
    Case("Sluice, 1 process", 1),
    Case("Sluice, 4 processes", 4),
    Case("Sluice, 16 processes", 16),
    Case("Sluice, 4, one of them killed", 4, kill="host-2"),
    Case("Sluice, 4, two quotas", 4, shares=_BOTH),
)


async def report() -> AsyncIterator[Part]:
    """How much of the quota each drain used, of what the ideal uses."""
    quota, drained = await measure()
    ideal = Row(1, "the ideal", ("100.0%", "0.00%", "0", f"{_ideal(quota):.1f}", "0", "0", "0"))
    yield Part(
        f"drain, {quota.writes} writes in {quota.seconds:g} s",
        ("used until 95 %", "429", "dead", "seconds", "wrong", "overlapping", "twice"),
        [ideal, *(_row(name, one) for name, one in drained.items())],
    )


def _row(name: str, one: Drained) -> Row:
    judged = (str(one.wrong), str(one.overlapping), str(one.twice))
    throttled, seconds = f"{one.throttled:.2%}", f"{one.seconds:.1f}"
    return Row(one.used, name, (f"{one.backlog:.1%}", throttled, str(one.dead), seconds, *judged))


def _ideal(quota: Quota) -> float:
    """Seconds: the first span filled at once, and each later one as soon as it may be."""
    return (CHANGES / quota.writes - 1) * quota.seconds


async def measure(
    devices: int = CHANGES // ROUNDS, *, trial: int = 75, cases: tuple[Case, ...] = CASES
) -> tuple[Quota, dict[str, Drained]]:
    """Find the quota with a trial, then drain the changes of so many devices in each case."""
    with TemporaryDirectory(prefix="sluice-bench-") as temporary:
        folder = Path(temporary)
        first = await accept(changes_of(trial), folder / "trial")
        free = Quota(50_000, SPAN)
        [most] = (await _drain(Case("trial", 4), first, free, folder / "free")).values()
        rate = len(first.changes) / most.seconds
        quota = Quota(max(1, int(PART * rate * SPAN)), SPAN)
        accepted = await accept(changes_of(devices), folder / "accepted")
        mixed = await accept(changes_of(devices // 5, devices // 5), folder / "mixed")
        drained = dict[str, Drained]()
        for number, case in enumerate(cases):
            backlog = mixed if case.shares is _BOTH else accepted
            drained |= await _drain(case, backlog, quota, folder / str(number))
        return quota, drained


async def _drain(case: Case, accepted: Accepted, whole: Quota, folder: Path) -> dict[str, Drained]:
    """What became of each service's changes, by the case and the service."""
    changes, quotas = accepted.changes, case.quotas(whole)
    async with _stack(case, accepted, quotas, folder) as stack, _client() as http:
        graph = stack.endpoints.graph
        await add_devices_of(graph, changes)
        await warm_up(stack.endpoints, naive=case.naive)
        await http.delete(f"{graph}/_control/journal")
        enforced = {service.name: asdict(quota) for service, quota in quotas.items()}
        (await http.put(f"{graph}/_control/quotas", json=enforced)).raise_for_status()
        if case.naive:
            await send(stack.endpoints, "intake", naive_messages(changes))
        else:
            await accepted.queue(stack.endpoints)
        entries = await _written(http, stack, changes, case.kill)
        dead = await _dead(stack.endpoints, "intake" if case.naive else "changes")
    return {
        case.name if len(quotas) == 1 else f"{case.name}: {service.name}": Drained.of(
            [entry for entry in entries if of_service(entry, service)],
            [change for change in changes if change.service is service],
            quota,
            dead,
        )
        for service, quota in quotas.items()
    }


@asynccontextmanager
async def _stack(
    case: Case, accepted: Accepted, quotas: dict[Service, Quota], folder: Path
) -> AsyncIterator[Stack]:
    if case.naive:
        async with running_stack(app=NAIVE, hosts=case.hosts) as stack:
            yield stack
        return
    sizes = ["intune=900000/20", "directory-units=900000/10"]
    for service, quota in quotas.items():
        sizes.append(f"{service.name}-writes={quota.writes}/{quota.seconds:g}")
    settings = {
        "GRAPH_QUOTAS": ",".join(sizes),
        "GRAPH_QUOTA_PERCENT": "100",
    }
    data = accepted.copied(folder)
    async with running_stack(hosts=case.hosts, data=data, settings=settings) as stack:
        yield stack


async def _written(
    http: httpx.AsyncClient, stack: Stack, changes: list[Change], kill: str | None
) -> list[dict[str, Any]]:
    """The writes, when all changes were written or nothing goes on; one host dies in the middle."""
    loop = asyncio.get_running_loop()
    known, since = 0, loop.time()
    while True:
        await asyncio.sleep(2)
        entries = await seen(http, stack.endpoints.graph)
        done = len({(e["path"], name_of(e)) for e in entries if e["effect"]})
        if kill and done > len(changes) * 0.4:
            stack.kill(kill)
            kill = None
        if len(entries) > known:
            known, since = len(entries), loop.time()
        if done == len(changes) or loop.time() - since > _PATIENCE:
            return entries


async def _dead(endpoints: Endpoints, queue: str) -> int:
    """How many dead letters the queue has."""
    async with (
        ServiceBusClient.from_connection_string(endpoints.service_bus_connection) as client,
        client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver,
    ):
        count = 0
        while page := await receiver.peek_messages(250):
            count += len(page)
        return count


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, trust_env=False)
