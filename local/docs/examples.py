"""The examples, as a running stack answers them."""

import asyncio
import json
from datetime import UTC, datetime

import httpx

from local.demo.sluice import Sluice
from local.demo.vault import store_secret
from local.docs.markdown import json_block
from local.docs.placeholders import stable
from local.docs.scenes import OBJECTS, ROOM_HUB, ROTATE, ROW, SCENES, SECRET, Scene
from local.up.endpoints import Endpoints
from shared.changes.times import in_utc


async def examples(endpoints: Endpoints) -> dict[str, str]:
    """The example of each operation: what is asked, and every answer to it."""
    async with httpx.AsyncClient(timeout=30) as http:
        added = await http.post(f"{endpoints.graph}/_control/objects", json=OBJECTS)
        added.raise_for_status()
        await store_secret(endpoints, SECRET, "Xk7-quiet-canary-42")
        sluice = Sluice(endpoints, http)
        *told, rotation = await asyncio.gather(
            *(_example(sluice, scene) for scene in SCENES.values()),
            _rotation(endpoints, http, sluice),
        )
    return dict(zip(SCENES, told, strict=True)) | {ROTATE["operation"]: rotation}


async def _rotation(endpoints: Endpoints, http: httpx.AsyncClient, sluice: Sluice) -> str:
    """A room is registered, and its account rotated."""
    hub = {**ROOM_HUB, "lastSyncDateTime": in_utc(datetime.now(UTC))}
    added = await http.post(f"{endpoints.graph}/_control/objects", json={"managedDevices": [hub]})
    added.raise_for_status()
    await sluice.register(ROW)
    accepted = await sluice.post(ROTATE, "rotation-example")
    change = await sluice.ended(accepted.raise_for_status().json()["id"])
    asked = json.dumps([ROTATE, OBJECTS, ROOM_HUB])
    record = stable(change, known=asked)
    return "\n".join(
        [
            f"`PUT /api/device-accounts/{ROW['account']}`\n",
            json_block(ROW),
            "`POST /api/changes`\n",
            json_block(ROTATE),
            f"`GET /api/changes/{record['id']}`, once it has ended\n",
            json_block(record),
        ]
    )


async def _example(sluice: Sluice, scene: Scene) -> str:
    """The plan is asked for before the change, which is the same in every run that way."""
    operation = scene.request["operation"]
    planned = await sluice.post(scene.request | {"dryRun": True}, f"{operation}-plan")
    accepted = await sluice.post(scene.request, f"{operation}-example")
    change = await sluice.ended(accepted.raise_for_status().json()["id"])
    refused = await sluice.post(scene.request | scene.refused, f"{operation}-refused")
    asked = json.dumps([scene.request, OBJECTS])
    answer, record = stable([accepted.json(), change], known=asked)
    return "\n".join(
        [
            "`POST /api/changes`\n",
            json_block(scene.request),
            f'With `"dryRun": true`, the plan: `{planned.status_code}`\n',
            json_block(stable(planned.json(), known=asked)),
            f"Without it, `{accepted.status_code}`\n",
            json_block(answer),
            f"`GET /api/changes/{answer['id']}`, once it has ended\n",
            json_block(record),
            "### What is refused\n",
            "The same with\n",
            json_block(scene.refused),
            f"is answered `{refused.status_code}`\n",
            json_block(refused.json()),
        ]
    )
