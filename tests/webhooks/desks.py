"""Ticketing tools on a socket, and Sluice telling them outcomes, under a clock that is set."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from gate import ENVIRONMENT, FOLDER, SOURCES, Gate, Immediate
from senders import STANDARD_SECRET

from local.itsm.jira import ACCOUNT
from local.itsm.server import itsm
from shared.messaging.instructions import Rejected
from shared.messaging.messages import OUTCOMES, Message
from shared.messaging.received import Received
from shared.processing.patience import Patience
from shared.records.ports import Refusal
from shared.writeback.messages import OutcomeMessages
from shared.writeback.tools.choose import ToolChooser

PASSWORD = "what Sluice is known by here"
CHANGE = "3f1d8a52-9a39-4c0e-8f0b-3f6f0c9f8a11"
TICKETS = {
    "servicenow": "9d385017c611228701d22104cc95c371",
    "jira": "10042",
    "freshservice": "4711",
}
MOST_DELIVERIES = 5


@dataclass
class MemoryRefusals:
    """Why messages are dead."""

    kept: dict[tuple[str, str], Refusal] = field(default_factory=dict)

    async def put(self, refusal: Refusal) -> None:
        self.kept[refusal.queue, refusal.message_id] = refusal

    async def get(self, queue: str, message_id: str) -> Refusal | None:
        return self.kept.get((queue, message_id))


class Desks:
    """Sends outcomes on their way, as the broker and the host do, until nothing waits."""

    def __init__(self, url: str, http: httpx.AsyncClient, gate: Gate, tries: int) -> None:
        self.url, self.http, self.gate = url, http, gate
        self.refusals, self.dead = MemoryRefusals(), list[Message]()
        self.heard = 0
        self.gate.vault.values |= {
            "servicenow-password": PASSWORD,
            "jira-api-token": PASSWORD,
            "freshservice-api-key": PASSWORD,
            "webhook-generic-outcomes": STANDARD_SECRET,
        }
        patience = Patience(most_attempts=tries, jitter=lambda: 0.5)
        self.use = OutcomeMessages(
            gate.sources,
            ToolChooser(gate.secrets, gate.clock),
            self.refusals,
            gate.broker,
            gate.clock,
            patience,
        )

    async def tell(self, *outcomes: Message) -> None:
        """Deliver outcomes, and what is sent again of them when its time has come."""
        queue = self.gate.broker.outcomes
        waiting = [*outcomes, *queue]
        queue.clear()
        while waiting:
            waiting.sort(key=lambda message: message.at or self.gate.clock())
            message = waiting.pop(0)
            self.gate.set_clock(max(self.gate.clock(), message.at or self.gate.clock()))
            await self.deliver(message)
            waiting += queue
            queue.clear()

    async def deliver(self, message: Message) -> None:
        """Deliver until it is taken, or dead."""
        for _ in range(MOST_DELIVERIES):
            try:
                await self.use.handle(received(message))
            except Rejected:
                continue
            return
        self.dead.append(message)

    async def put(self, tool: str, **fields: Any) -> None:
        """Give the tool the ticket that the tests are about."""
        path = f"/_control/tickets/{tool}/{TICKETS[tool]}"
        (await self.http.put(path, json=fields)).raise_for_status()

    async def notes(self, tool: str) -> list[str]:
        """What that ticket's notes say, as they were sent."""
        found = (await self._ticket(tool))["notes"]
        return [b if isinstance(b := note["body"], str) else json.dumps(b) for note in found]

    async def fields(self, tool: str) -> dict[str, Any]:
        fields: dict[str, Any] = (await self._ticket(tool))["fields"]
        return fields

    async def _ticket(self, tool: str) -> dict[str, Any]:
        answer = await self.http.get(f"/_control/tickets/{tool}/{TICKETS[tool]}")
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def fault(self, method: str = "", path: str = "", **what: Any) -> None:
        match = {"path": path} | ({"method": method} if method else {})
        answer = await self.http.post("/_control/faults", json={"match": match, **what})
        answer.raise_for_status()

    async def calls(self, method: str = "") -> list[dict[str, Any]]:
        """The requests that the tools got."""
        query = {"method": method} if method else {}
        entries: list[dict[str, Any]] = (
            await self.http.get("/_control/journal", params=query)
        ).json()
        return entries

    async def control(self, path: str) -> Any:
        return (await self.http.get(f"/_control/{path}")).raise_for_status().json()

    @property
    def reasons(self) -> list[str]:
        """Why messages are dead."""
        return [self.refusals.kept[OUTCOMES, each.id].problems[0].code for each in self.dead]


@asynccontextmanager
async def desks_with(
    sources: Path = FOLDER, *, tries: int = 8, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Desks]:
    """The tools, running, and Sluice with these sources before them."""
    enabled = SOURCES if sources == FOLDER else _names(sources)
    boundary = Immediate()
    clock = boundary.clock
    async with itsm(port=0, password=PASSWORD, clock=lambda: clock().timestamp()) as ready:
        url = str(ready["itsm"])
        at = dict.fromkeys(("SERVICENOW_URL", "JIRA_URL", "FRESHSERVICE_URL"), url)
        users = {"SERVICENOW_USER": "sluice", "JIRA_USER": "sluice", "JIRA_ACCOUNT_ID": ACCOUNT}
        hook = {"GENERIC_OUTCOMES_URL": f"{url}/hooks/outcomes"}
        values = {**ENVIRONMENT, **at, **users, **hook, **(environment or {})}
        gate = Gate(enabled, sources, values, boundary=boundary)
        async with httpx.AsyncClient(base_url=url) as http:
            yield Desks(url, http, gate, tries)


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(file.stem for file in folder.glob("*.yaml"))


def with_write_back(folder: Path, source: str, **members: Any) -> Path:
    """A folder with a shipped source whose `writeBack` has these members as well."""
    document = yaml.safe_load((FOLDER / f"{source}.yaml").read_text())
    [form] = document["writeBack"].values()
    form |= members
    for name in [name for name, value in form.items() if value is None]:
        del form[name]
    (folder / f"{source}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder


def outcome(tool: str | None, state: str = "verified", **members: Any) -> Message:
    """An outcome of a change that a ticket of the tool asked for."""
    ticket = {"source": tool, "id": TICKETS.get(tool, "815"), "number": "N-1"} if tool else None
    document = {
        "id": CHANGE,
        "state": state,
        "operation": "patchDevice",
        "target": {"deviceId": "6a59ea83-02bd-468f-a40b-f2c3d1821983"},
        "resolved": None,
        "ticket": ticket,
        "source": tool or "http",
        "key": "k",
        "before": {"extensionAttributes": {"extensionAttribute1": "CC-1001"}},
        "after": {"extensionAttributes": {"extensionAttribute1": "CC-1042"}},
        "failure": None,
        "at": "2026-12-01T00:00:00+00:00",
    } | members
    return Message(OUTCOMES, f"{CHANGE}.1.{state}", json.dumps(document).encode())


def received(message: Message) -> Received:
    return Received(
        queue=message.queue,
        id=message.id,
        body=message.body,
        session=None,
        subject=message.subject,
        correlation=message.correlation,
        content_type=message.content_type,
        properties=message.properties,
    )
