"""From a ticket to its note: one ticket in each tool is approved, and told what became of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from local.demo.row import Row
from local.demo.scenario import SEED
from local.demo.sluice import Sluice
from local.demo.vault import store_secret
from local.up.endpoints import Endpoints

type Json = dict[str, Any]

_PATIENCE = 30
"""Seconds."""


@dataclass(frozen=True)
class Request:
    """A ticket that asks for a change, and what a person does to approve it."""

    tool: str
    ticket: str
    fields: Json
    approval: Json
    credential: str
    """The secret that Sluice writes back with."""


def requests() -> list[Request]:
    """One for each tool, as the shipped source files read them."""
    devices = {
        each["displayName"]: each["deviceId"] for each in json.loads(SEED.read_text())["devices"]
    }
    return [
        Request(
            "servicenow",
            "9d385017c611228701d22104cc95c371",
            {
                "number": "RITM0010042",
                "cat_item": "8f2d3c51dba31010a1f7d9e0ad961901",
                "approval": "requested",
                "short_description": "Move the kiosk",
                "variables": {"device_id": devices["KIOSK-LOBBY"], "cost_centre": "CC-2001"},
            },
            {"approval": "approved"},
            "servicenow-password",
        ),
        Request(
            "jira",
            "10042",
            {
                "summary": "Move the room's device",
                "status": {"name": "Waiting for approval"},
                "customfield_10010": {"requestType": {"id": "25"}},
                "customfield_10071": devices["MTR-OSLO"],
                "customfield_10072": {"value": "CC-2002"},
            },
            {"status": "Approved"},
            "jira-api-token",
        ),
        Request(
            "freshservice",
            "4711",
            {
                "subject": "Move the laptop",
                "category": "Device",
                "sub_category": "Change attribute",
                "approval_status_name": "Requested",
                "custom_fields": {"device_id": devices["LT-AWILBER-01"], "cost_centre": "CC-2003"},
            },
            {"approval_status_name": "Approved"},
            "freshservice-api-key",
        ),
    ]


class Tickets:
    """Puts tickets into the tools, approves them, and waits for what they are told."""

    def __init__(self, endpoints: Endpoints, sluice: Sluice, http: httpx.AsyncClient) -> None:
        self._endpoints, self._sluice, self._http = endpoints, sluice, http
        self._control = f"{endpoints.itsm}/_control"

    async def run(self) -> list[Row]:
        """All of them at once; their rows of the table."""
        print("approving a ticket in ServiceNow, Jira and Freshservice:")
        rows = await asyncio.gather(*(self._ask(request) for request in requests()))
        print()
        return list(rows)

    async def _ask(self, request: Request) -> Row:
        tool, ticket = request.tool, f"tickets/{request.tool}/{request.ticket}"
        await store_secret(self._endpoints, request.credential, str(self._endpoints.itsm_password))
        secret = f"what {tool} signs with"
        await store_secret(self._endpoints, f"webhook-{tool}", secret)
        webhook = f"{self._endpoints.http}/api/webhooks/{tool}"
        await self._send("PUT", f"receivers/{tool}", {"url": webhook, "secret": secret})
        await self._send("PUT", ticket, request.fields)
        await self._send("PATCH", ticket, request.approval)
        [note] = await self._until(self._notes, ticket)
        approved, own = await self._until(self._answers, tool)
        [asked] = approved["changes"]
        change = await self._sluice.change(asked["id"])
        print(f"  {tool}: approved -> {asked['id']} -> noted; its own note: {own['status']}")
        return Row(
            way="hook",
            shows=f"{tool}: ticket to change to note",
            state=change["state"],
            before=change["before"],
            after=change["after"],
            why=f"the ticket says: {_first_line(note)}",
            as_expected=change["state"] == "verified"
            and "verified" in str(note)
            and own["status"] in ("ignored", "duplicate"),
        )

    async def _notes(self, ticket: str) -> list[Json]:
        answer = await self._http.get(f"{self._control}/{ticket}")
        return list(answer.raise_for_status().json()["notes"])

    async def _answers(self, tool: str) -> list[Json]:
        """What Sluice answered to the approval, and to the update that its own note is."""
        events = (await self._http.get(f"{self._control}/events")).raise_for_status().json()
        answers = [json.loads(e["answer"]) for e in events if e["tool"] == tool and "answer" in e]
        return answers if len(answers) > 1 else []

    async def _until(self, look: Callable[[str], Awaitable[list[Json]]], what: str) -> list[Json]:
        async with asyncio.timeout(_PATIENCE):
            while not (found := await look(what)):  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.1)
        return found

    async def _send(self, method: str, path: str, body: Json) -> None:
        answer = await self._http.request(method, f"{self._control}/{path}", json=body)
        answer.raise_for_status()


def _first_line(note: Json) -> str:
    """Of a text, of HTML, or of a document of Jira's."""
    body = note["body"]
    if isinstance(body, dict):
        return str(body["content"][0]["content"][0]["text"])
    return str(body).replace("<br>", "\n").partition("\n")[0]
