"""Who uses Sluice meanwhile: each has targets of its own, and knows how everything has to end."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence

import httpx

from local.bench.latency import new_device
from local.soak.system import Json, System, Wrong

WEBHOOK_SECRET = "a secret of the soak alone"  # noqa: S105  of a stand-in that ends with the run
DONE = ("verified", "unchanged")

type User = Callable[[], Awaitable[int]]
"""Does one thing, waits for its end and checks it; how many changes that were."""


def patch(target: Json, value: str) -> Json:
    """A change of one attribute of an Entra device."""
    properties = {"extensionAttributes": {"extensionAttribute1": value}}
    return {"operation": "patchDevice", "target": target, "set": properties}


class Users:
    """Makes the users, and the things in the tenant that they need."""

    def __init__(self, system: System, rng: random.Random) -> None:
        self._system, self._rng = system, rng
        self.dead: dict[str, int] = {"changes": 0, "intake": 0}
        """How many messages have to be in each dead-letter queue."""

    def _value(self) -> str:
        return f"soak-{self._rng.randrange(1 << 32):08x}"

    async def _devices(self, count: int) -> list[Json]:
        devices = [new_device() for _ in range(count)]
        await self._system.graph("POST", "objects", {"devices": devices})
        return devices

    async def _has(self, device: Json, value: str) -> None:
        stored = await self._system.graph("GET", f"objects/devices/{device['id']}")
        found = stored["extensionAttributes"].get("extensionAttribute1")
        if found != value:
            raise Wrong(f"device {device['id']} has {found}, and the last change said {value}")

    async def one_after_the_other(self) -> User:
        """Several changes of one device at once: the last one holds."""
        devices = await self._devices(20)

        async def use() -> int:
            device = self._rng.choice(devices)
            names: Sequence[Json] = ({"id": device["id"]}, {"deviceId": device["deviceId"]})
            values = [self._value() for _ in range(self._rng.randint(1, 4))]
            one = self._rng.choice(names)  # order between two names holds once they were told apart
            ids = [await self._system.accepted("changes", patch(one, each)) for each in values]
            for each in ids:
                await self._system.ended(f"changes/{each}", *DONE)
            await self._has(device, values[-1])
            return len(ids)

        return use

    async def by_queue(self) -> User:
        """A message on `intake`."""
        devices = await self._devices(20)

        async def use() -> int:
            device, value, key = self._rng.choice(devices), self._value(), uuid.uuid4().hex
            body = json.dumps(patch({"id": device["id"]}, value)).encode()
            await self._system.send(body, key)
            for _ in range(600):
                stored = await self._system.graph("GET", f"objects/devices/{device['id']}")
                if stored["extensionAttributes"].get("extensionAttribute1") == value:
                    return 1
                await asyncio.sleep(0.5)
            raise Wrong(f"the message {key} on intake changed nothing")

        return use

    async def unchanged(self) -> User:
        """What is so already."""
        [device] = await self._devices(1)
        body = patch({"deviceId": device["deviceId"]}, "always")
        await self._system.ended(f"changes/{await self._system.accepted('changes', body)}", *DONE)

        async def use() -> int:
            change = await self._system.accepted("changes", body)
            await self._system.ended(f"changes/{change}", "unchanged")
            return 1

        return use

    async def managed(self) -> User:
        """A managed device and a person."""
        device = {"id": str(uuid.uuid4()), "deviceName": "SOAK", "operatingSystem": "Windows"}
        name = f"soak-{uuid.uuid4().hex[:12]}@contoso.example"
        person = {"id": str(uuid.uuid4()), "userPrincipalName": name, "accountEnabled": True}
        await self._system.graph("POST", "objects", {"managedDevices": [device], "users": [person]})

        async def use() -> int:
            value = self._value()
            asked = (
                ("patchManagedDevice", {"managedDeviceId": device["id"]}, {"notes": value}),
                ("patchUser", {"userId": person["id"]}, {"officeLocation": value}),
            )
            for operation, target, properties in asked:
                body = {"operation": operation, "target": target, "set": properties}
                change = await self._system.accepted("changes", body)
                await self._system.ended(f"changes/{change}", *DONE)
            stored = await self._system.graph("GET", f"objects/users/{person['id']}")
            if stored.get("officeLocation") != value:
                raise Wrong(f"user {person['id']} has not what its last change said")
            return 2

        return use

    async def failing(self) -> User:
        """A device that is not there: a dead letter."""

        async def use() -> int:
            change = await self._system.accepted(
                "changes", patch({"id": str(uuid.uuid4())}, "nobody")
            )
            found = await self._system.ended(f"changes/{change}", "failed")
            if "404" not in found["failure"]["code"]:
                raise Wrong(f"changes/{change} failed with {found['failure']}")
            self.dead["changes"] += 1
            return 1

        return use

    async def malformed(self) -> User:
        """What is no request: refused, or a dead letter of `intake`."""

        async def use() -> int:
            key = uuid.uuid4().hex
            await self._system.send(b"{ not json", key)
            self.dead["intake"] += 1
            answer = await self._system.ask("POST", "changes", {"operation": "nothing"}, key=key)
            if not answer.is_client_error:
                raise Wrong(f"a malformed request was answered {answer.status_code}")
            return 0

        return use

    async def cancelled(self) -> User:
        """One that is cancelled before its time comes."""
        [device] = await self._devices(1)

        async def use() -> int:
            later = patch({"id": device["id"]}, "never") | {"notBefore": "2099-01-01T00:00:00Z"}
            change = await self._system.accepted("changes", later)
            answer = await self._system.ask("POST", f"changes/{change}/cancel")
            if answer.status_code != httpx.codes.OK:
                raise Wrong(f"cancelling {change} was answered {answer.status_code}")
            await self._system.ended(f"changes/{change}", "cancelled")
            return 1

        return use

    async def bulk(self) -> User:
        """One request for many devices."""
        devices = await self._devices(30)

        async def use() -> int:
            value = self._value()
            targets = [{"id": device["id"]} for device in devices]
            body = {key: said for key, said in patch({}, value).items() if key != "target"}
            bulk = await self._system.accepted("bulk-changes", body | {"targets": targets})
            found = await self._system.ended(f"bulk-changes/{bulk}", *DONE)
            ends = {state: number for state, number in found["counts"].items() if number}
            if sum(ends.values()) != len(devices) or not ends.keys() <= {*DONE}:
                raise Wrong(f"bulk-changes/{bulk} ended {ends}")
            for device in devices:
                await self._has(device, value)
            return len(devices)

        return use

    async def ticket(self) -> User:
        """An approved item of ServiceNow, by webhook, and the note that it gets."""
        [device] = await self._devices(1)

        async def use() -> int:
            number, value = uuid.uuid4().hex, self._value()
            item = {
                "sys_id": number,
                "number": "RITM0010042",
                "sys_mod_count": "1",
                "approval": "approved",
                "cat_item": "8f2d3c51dba31010a1f7d9e0ad961901",
                "short_description": "Move",
                "variables": {"device_id": device["deviceId"], "cost_centre": value},
            }
            await self._system.tools("PUT", f"tickets/servicenow/{number}", item)
            content = json.dumps(item).encode()
            answer = await self._system.ask(
                "POST", "webhooks/servicenow", content=content, headers=_signature(content)
            )
            if answer.status_code != httpx.codes.ACCEPTED or not answer.json().get("changes"):
                raise Wrong(f"a webhook was answered {answer.status_code}: {answer.text[:300]}")
            for change in answer.json()["changes"]:
                await self._system.ended(f"changes/{change['id']}", *DONE)
            await self._has(device, value)
            for _ in range(600):
                shown = await self._system.tools("GET", f"tickets/servicenow/{number}")
                if shown["notes"]:
                    return 1
                await asyncio.sleep(0.5)
            raise Wrong(f"the ticket {number} was told nothing")

        return use


def _signature(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    mac = hmac.new(WEBHOOK_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Sluice-Timestamp": stamp,
        "X-Sluice-Signature": "sha256=" + base64.b64encode(mac).decode(),
    }
