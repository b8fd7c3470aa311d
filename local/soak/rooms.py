"""Rooms whose accounts are rotated, and set, over and over."""

import asyncio
import random
import uuid
from datetime import UTC, datetime

import httpx

from local.demo.vault import current_secret, store_secret
from local.soak.system import Json, System, Wrong
from local.soak.users import DONE, User
from shared.register.document import secret_name_of


async def room(system: System, rng: random.Random) -> User:
    """Rotates the account of a hub, or sets it; all three parties have to agree in the end."""
    account, first = f"room-{uuid.uuid4()}@contoso.example", f"First-{uuid.uuid4()}"
    person: Json = {
        "id": str(uuid.uuid4()),
        "userPrincipalName": account,
        "displayName": "Room",
        "accountEnabled": True,
        "passwordProfile": {"password": first},
    }
    seen = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    hub: Json = {
        "id": str(uuid.uuid4()),
        "deviceName": "HUB",
        "operatingSystem": "Windows",
        "model": "Surface Hub 2S",
        "lastSyncDateTime": seen,
    }
    await system.graph("POST", "objects", {"managedDevices": [hub], "users": [person]})
    secret = secret_name_of(account)
    await store_secret(system.endpoints, secret, first)
    answer = await system.ask(
        "PUT",
        f"device-accounts/{account}",
        {
            "account": account,
            "family": "surfaceHub",
            "devices": [{"managedDeviceId": hub["id"]}],
            "schedule": {"everyDays": None},
            "seenWithinHours": 720,
        },
    )
    if answer.is_error:
        raise Wrong(f"the register answered {answer.status_code}: {answer.text[:300]}")

    async def use() -> int:
        if rng.randrange(2):
            change = await system.accepted(f"device-accounts/{account}/rotate")
        else:
            change = await system.accepted("changes", _set_account(hub, account, secret))
        await system.ended(f"changes/{change}", *DONE)
        password = await _current(system, secret)
        for whose in (person["id"], hub["id"]):
            asked = await system.graph("POST", f"accounts/{whose}/verify", {"password": password})
            if not asked["opens"]:
                raise Wrong(f"the current password of {account} does not open {whose}")
        return 1

    return use


async def _current(system: System, secret: str) -> str:
    """What is in the vault, once it answers."""
    for _ in range(60):
        try:
            return await current_secret(system.endpoints, secret)
        except httpx.HTTPError:
            await asyncio.sleep(1)
    raise Wrong("the vault is not there")


def _set_account(hub: Json, account: str, secret: str) -> Json:
    return {
        "operation": "updateDeviceAccount",
        "target": {"managedDeviceId": hub["id"]},
        "set": {
            "deviceAccount": {
                "userPrincipalName": account,
                "passwordSecret": {"name": secret},
            },
            "passwordRotationEnabled": False,
            "calendarSyncEnabled": True,
        },
    }
