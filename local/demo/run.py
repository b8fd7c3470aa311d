"""The course of the demo: prepare, send, wait, mend, redrive."""

import asyncio
import json
import os
import sys
from typing import Any

import httpx

from local.demo.row import Row
from local.demo.scenario import (
    PASSWORD,
    VAULT_ENTRY,
    Wish,
    enrolled_device,
    refused,
    retried_path,
    wishes,
)
from local.demo.sluice import Sluice
from local.demo.vault import store_secret
from local.up.endpoints import Endpoints
from shared.intake.accept import operation_id

type Json = dict[str, Any]


class Demo:
    """One run against a running stack."""

    def __init__(self, endpoints: Endpoints, sluice: Sluice, http: httpx.AsyncClient) -> None:
        self._endpoints, self._sluice, self._http = endpoints, sluice, http

    async def run(self) -> list[Row]:
        """Everything, in order; the rows of the table."""
        await self._prepare()
        asked = wishes()
        ids = await self._send(asked)
        await self._refused()
        rows = [await self._row(wish, ids) for wish in asked]
        rows.append(await self._redrive(ids["dead"]))
        return rows

    async def _prepare(self) -> None:
        print(f"storing the secret {VAULT_ENTRY} in Key Vault")
        await store_secret(self._endpoints, VAULT_ENTRY, PASSWORD)
        retry = next(wish for wish in wishes() if wish.key == "retry")
        print("making Graph answer 429 and then 503 to one of the changes\n")
        for fault in ({"status": 429, "headers": {"Retry-After": "1"}}, {"status": 503}):
            match = {"method": "PATCH", "path": retried_path(retry)}
            url = f"{self._endpoints.graph}/_control/faults"
            (await self._http.post(url, json={"match": match, **fault})).raise_for_status()

    async def _send(self, asked: list[Wish]) -> dict[str, str]:
        ids: dict[str, str] = {}
        for wish in asked:
            if wish.by_queue:
                await self._sluice.send(wish.body, wish.key)
                ids[wish.key] = operation_id("intake", wish.key)
                print(f"  queue -> {wish.key:<11} {wish.shows}")
            else:
                answer = await self._sluice.post(wish.request, wish.key)
                ids[wish.key] = answer.raise_for_status().json()["id"]
                print(f"  http  -> {wish.key:<11} {wish.shows}: {answer.status_code}")
        return ids

    async def _refused(self) -> None:
        answer = await self._sluice.post(refused(), "refused")
        problem = answer.json()
        told = f"{problem['pointer']}: {problem['detail']}"
        print(f"  http  -> refused     a property nobody may write: {answer.status_code} {told}\n")

    async def _row(self, wish: Wish, ids: dict[str, str]) -> Row:
        if wish.text:
            return _row(wish, await self._dead_letter(wish.key))
        return _row(wish, await self._sluice.ended(ids[wish.key]))

    async def _dead_letter(self, message_id: str) -> Json:
        """What is known of a message that became no change."""
        while True:
            listed = await self._command("dead-letters", "list", "--queue", "intake", "--json")
            for letter in map(json.loads, listed):
                if letter["id"] == message_id:
                    return {"state": "failed", "failure": letter}

    async def _redrive(self, change_id: str) -> Row:
        print("the dead-letter queues, as an operator sees them:")
        await self._shown("dead-letters", "list")
        print("\nenrolling the missing device, then redriving its change:")
        url = f"{self._endpoints.graph}/_control/objects"
        answer = await self._http.post(url, json={"managedDevices": [enrolled_device()]})
        answer.raise_for_status()
        await self._shown("dead-letters", "redrive", change_id)
        change = await self._sluice.ended(change_id)
        print()
        wish = Wish("dead", "the same change, redriven", {}, "verified")
        return _row(wish, change)

    async def _shown(self, *arguments: str) -> None:
        print(f"  $ python -m cli {' '.join(arguments)}")
        for line in await self._command(*arguments):
            print(f"  {line}")

    async def _command(self, *arguments: str) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "--settings", str(self._endpoints.settings)),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        output, _ = await process.communicate()
        return output.decode().splitlines()


def _row(wish: Wish, change: Json) -> Row:
    failure = change.get("failure") or {}
    retries = [step["detail"] for step in change.get("timeline", []) if "graph-" in step["detail"]]
    why = f"{failure['code']}: {failure['detail']}" if failure else "; ".join(retries)
    return Row(
        way="queue" if wish.by_queue else "http",
        shows=wish.shows,
        state=change.get("state", "?"),
        before=change.get("before"),
        after=change.get("after"),
        why=why,
        as_expected=change.get("state") == wish.ends,
    )
