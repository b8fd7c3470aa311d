"""Two rotations of the demo: one in whose middle the host is killed, and one that is reversed."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from local.demo.row import Row
from local.demo.scenario import SEED
from local.demo.sluice import Sluice
from local.demo.vault import current_secret, store_secret
from local.up.stack import Stack
from shared.register.document import secret_name_of

type Json = dict[str, Any]

_HOLD_SECONDS = 20


@dataclass(frozen=True)
class Room:
    """A room of the stand-in's seed, and what shall become of its rotation."""

    account: str
    family: str
    shows: str
    ends: str


CRASHED = Room(
    "hub-boardroom@contoso.example",
    "surfaceHub",
    "rotation, the host killed in the middle",
    "verified",
)
REVERSED = Room(
    "room-lisbon@contoso.example",
    "teamsRoomsOnWindows",
    "rotation, the device does not know how",
    "reversed",
)


class Rotations:
    """Registers the rooms, rotates them, kills the host between two parties."""

    def __init__(self, stack: Stack, sluice: Sluice, http: httpx.AsyncClient) -> None:
        self._stack, self._sluice, self._http = stack, sluice, http
        self._control = f"{stack.endpoints.graph}/_control"

    async def run(self) -> list[Row]:
        """Both, in order; their rows of the table."""
        print("rotating the accounts of two rooms:")
        users = {user["userPrincipalName"]: user for user in _seed()["users"]}
        for room in (CRASHED, REVERSED):
            await self._prepare(room, users[room.account]["passwordProfile"]["password"])
        await self._hold_back_the_answer(users[CRASHED.account]["id"])
        ids = {room: await self._sluice.rotate(room.account) for room in (CRASHED, REVERSED)}
        await self._kill_the_host_behind_the_directory(users[CRASHED.account]["id"])
        return [await self._row(room, change) for room, change in ids.items()]

    async def _prepare(self, room: Room, password: str) -> None:
        seed = next(d for d in _seed()["managedDevices"] if d["userPrincipalName"] == room.account)
        seen = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        await self._post("objects", {"managedDevices": [{**seed, "lastSyncDateTime": seen}]})
        await store_secret(self._stack.endpoints, secret_name_of(room.account), password)
        await self._sluice.register(
            {
                "account": room.account,
                "family": room.family,
                "devices": [{"serialNumber": seed["serialNumber"]}],
                "whenUnconfirmed": "reverse",
            }
        )

    async def _hold_back_the_answer(self, user: str) -> None:
        match = {"method": "PATCH", "path": f"users/{user}"}
        await self._post("faults", {"match": match, "delaySeconds": _HOLD_SECONDS})

    async def _kill_the_host_behind_the_directory(self, user: str) -> None:
        async with asyncio.timeout(_HOLD_SECONDS):
            while not await self._has_the_new_password(user):  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.1)
        print("  the directory has the new password, the device has not: kill -9 of the host")
        self._stack.kill("host")
        await self._stack.answering("host")
        print("  the host is back, and nobody has told it where it was\n")

    async def _has_the_new_password(self, user: str) -> bool:
        answer = await self._http.get(
            f"{self._control}/journal", params={"path": f"users/{user}", "method": "PATCH"}
        )
        return any(entry["effect"] for entry in answer.raise_for_status().json())

    async def _row(self, room: Room, change_id: str) -> Row:
        change = await self._sluice.ended(change_id, seconds=60)
        device = change["progress"]["devices"][0]
        current = await current_secret(self._stack.endpoints, secret_name_of(room.account))
        opens = await self._opens(change["progress"]["user"], current)
        on_device = await self._opens(device["id"], current)
        return Row(
            way="http",
            shows=room.shows,
            state=change["state"],
            before={"vault version": str(change["progress"]["previous"])[:8]},
            after={"directory": opens, "device": on_device},
            why=change["progress"]["undoing"] or "",
            as_expected=change["state"] == room.ends and opens and on_device,
        )

    async def _opens(self, whose: str, password: str) -> bool:
        url = f"{self._control}/accounts/{whose}/verify"
        answer = await self._http.post(url, json={"password": password})
        return bool(answer.raise_for_status().json()["opens"])

    async def _post(self, path: str, body: Json) -> None:
        (await self._http.post(f"{self._control}/{path}", json=body)).raise_for_status()


def _seed() -> Json:
    seed: Json = json.loads(SEED.read_text())
    return seed
