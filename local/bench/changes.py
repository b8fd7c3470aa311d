"""Changes for a drain: accepted over HTTP, recorded, and queued at the moment that it begins."""

import asyncio
import json
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage, ServiceBusReceiveMode
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import OperationTimeoutError

from local.bench.latency import new_device
from local.demo.sluice import Sluice
from local.up.endpoints import Endpoints
from local.up.stack import running_stack

ROUNDS = 4
"""Changes of each device; each sets another name, so each is a write."""
SENDERS = 16
_NOT_YET = {"AzureWebJobs.changes_message.Disabled": "true"}


@dataclass(frozen=True)
class Service:
    """One of Graph's, and how a device of its is renamed."""

    name: str
    operation: str
    member: str
    property: str
    collection: str


INTUNE = Service(
    "intune", "patchManagedDevice", "managedDeviceId", "managedDeviceName", "managedDevices"
)
DIRECTORY = Service("directory", "patchDevice", "id", "displayName", "devices")


@dataclass(frozen=True)
class Change:
    """A change of the name of a device."""

    device: str
    name: str
    service: Service = INTUNE


def changes_of(intune: int, directory: int = 0) -> list[Change]:
    """The changes of so many devices of each, mixed, in the order in which they are asked for."""
    services = [INTUNE] * intune + [DIRECTORY] * directory
    devices = sorted(((str(uuid.uuid4()), each) for each in services), key=itemgetter(0))
    return [
        Change(device, f"HUB-{turn}", service)
        for turn in range(ROUNDS)
        for device, service in devices
    ]


@dataclass(frozen=True)
class Accepted:
    """Changes on record, in the data folder of a stack that has ended, without their messages."""

    folder: Path
    changes: list[Change]
    messages: list[tuple[str, bytes]]
    """Lane and body, in order."""

    def copied(self, folder: Path) -> Path:
        """The data for another stack."""
        ignored = shutil.ignore_patterns("logs", "lock", "*.lock")
        return Path(shutil.copytree(self.folder, folder, ignore=ignored))

    async def queue(self, endpoints: Endpoints) -> None:
        """All of them at once."""
        messages = (
            ServiceBusMessage(body, session_id=lane, message_id=uuid.uuid4().hex)
            for lane, body in self.messages
        )
        await send(endpoints, "changes", messages)


async def accept(changes: list[Change], folder: Path) -> Accepted:
    """Let Sluice accept all of them and do none of them."""
    async with running_stack(data=folder, settings=_NOT_YET) as stack:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
            sluice = Sluice(stack.endpoints, http)
            count = len(changes) // ROUNDS
            for turn in range(ROUNDS):
                await _post(sluice, changes[turn * count : (turn + 1) * count])
        messages = await _taken(stack.endpoints, len(changes))
    return Accepted(folder, changes, messages)


async def send(
    endpoints: Endpoints, queue: str, messages: Iterable[ServiceBusMessage], at_once: int = 100
) -> None:
    """Send many, in order."""
    waiting = list(messages)
    async with (
        ServiceBusClient.from_connection_string(endpoints.service_bus_connection) as client,
        client.get_queue_sender(queue) as sender,
    ):
        for start in range(0, len(waiting), at_once):
            batch = await sender.create_message_batch()
            for message in waiting[start : start + at_once]:
                batch.add_message(message)
            await sender.send_messages(batch)


async def add_devices_of(graph: str, changes: Iterable[Change]) -> None:
    """Put the devices of these changes into the tenant."""
    devices = dict.fromkeys((change.device, change.service) for change in changes)
    added: dict[str, list[dict[str, Any]]] = {"managedDevices": [], "devices": []}
    for device, service in devices:
        made = _managed_device(device) if service is INTUNE else new_device() | {"id": device}
        added[service.collection].append(made)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.post(f"{graph}/_control/objects", json=added)
        answer.raise_for_status()


def _managed_device(device: str) -> dict[str, Any]:
    return {
        "id": device,
        "azureADDeviceId": str(uuid.uuid5(uuid.UUID(device), "entra")),
        "deviceName": "BENCH",
        "operatingSystem": "Windows",
        "osVersion": "10.0.19044",
    }


def request_of(change: Change) -> dict[str, Any]:
    """What Sluice is asked for."""
    service = change.service
    return {
        "operation": service.operation,
        "target": {service.member: change.device},
        "set": {service.property: change.name},
    }


async def _post(sluice: Sluice, changes: list[Change]) -> None:
    waiting = iter(changes)

    async def sender() -> None:
        for change in waiting:
            (await sluice.post(request_of(change), uuid.uuid4().hex)).raise_for_status()

    await asyncio.gather(*(sender() for _ in range(SENDERS)))


async def _taken(endpoints: Endpoints, count: int) -> list[tuple[str, bytes]]:
    """Take the messages off the queue."""
    taken = list[tuple[str, bytes]]()
    async with ServiceBusClient.from_connection_string(endpoints.service_bus_connection) as client:
        while len(taken) < count:
            try:
                async with client.get_queue_receiver(
                    "changes",
                    session_id=NEXT_AVAILABLE_SESSION,
                    max_wait_time=5,
                    receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE,
                ) as receiver:
                    for message in await receiver.receive_messages(count, max_wait_time=1):
                        taken.append((str(message.session_id), b"".join(message.body)))
            except OperationTimeoutError:
                raise RuntimeError(f"{len(taken)} messages for {count} changes") from None
    return taken


def naive_messages(changes: Iterable[Change]) -> Iterable[ServiceBusMessage]:
    """What the naive function is told."""
    return (
        ServiceBusMessage(json.dumps({"device": change.device, "name": change.name}))
        for change in changes
    )


async def warm_up(endpoints: Endpoints, *, naive: bool = False, count: int = 32) -> None:
    """Let every process meet its first changes, which load the libraries."""
    services = [INTUNE] if naive else [INTUNE, DIRECTORY]
    changes = [
        Change(str(uuid.uuid4()), "WARM", service) for service in services for _ in range(count)
    ]
    await add_devices_of(endpoints.graph, changes)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        if naive:
            await send(endpoints, "intake", naive_messages(changes))
        else:
            await _post(Sluice(endpoints, http), changes)
        async with asyncio.timeout(120):
            for change in changes:
                service = change.service
                url = f"{endpoints.graph}/_control/objects/{service.collection}/{change.device}"
                while (await http.get(url)).json().get(service.property) != change.name:  # noqa: ASYNC110  in another process
                    await asyncio.sleep(0.2)
