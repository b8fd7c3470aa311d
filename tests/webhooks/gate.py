"""The way in from tickets in one process: real steps, stores in memory, a clock that is set."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr
from simulation.boundary import Boundary
from simulation.broker import Broker
from simulation.policy import ALLOWS_ALL, Policing
from simulation.records import MemoryLines, MemoryOperations

from shared.actions.decide import Dependencies as Actions
from shared.changes.operation import Operation
from shared.faults import Permanent, Transient
from shared.intake.accept import Intake
from shared.vault.ports import Secret
from shared.webhooks.admission import Admission, Admitted
from shared.webhooks.delivery import Delivery
from shared.webhooks.explain import Explainer
from shared.webhooks.fetch import TicketFetcher
from shared.webhooks.jwks import PublishedKeys
from shared.webhooks.receive import Receiver
from shared.webhooks.sources import FOLDER, Sources
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.secrets import SenderSecrets

AUTHORITY = "https://login.microsoftonline.com"
SOURCES = tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))
ENVIRONMENT = {"FRESHSERVICE_URL": "https://example.freshservice.com"}
SECRET = "correct horse battery staple"


class Immediate(Boundary):
    """Every call is done at once: nothing interleaves, nothing fails."""

    async def call[T](
        self, name: str, effect: Callable[[], T], failure: Callable[[], Exception]
    ) -> T:
        return effect()


@dataclass
class MemoryVault:
    values: dict[str, str] = field(default_factory=dict, repr=False)
    reads: list[str] = field(default_factory=list)
    down: bool = False

    async def read(self, name: str, version: str | None) -> Secret:
        self.reads.append(name)
        if self.down:
            raise Transient("vault-unavailable", "")
        if name not in self.values:
            raise Permanent("secret-not-found", name)
        return Secret(SecretStr(self.values[name]), "1")


@dataclass
class MemoryTickets:
    newest: dict[tuple[str, str], str] = field(default_factory=dict)

    async def see(self, source: str, ticket: str, version: str) -> bool:
        if version < self.newest.get((source, ticket), ""):
            return False
        self.newest[source, ticket] = version
        return True


class Gate:
    """Receives, as the app does; `post` needs no signature made by hand."""

    def __init__(
        self,
        enabled: tuple[str, ...] = SOURCES,
        folder: Path = FOLDER,
        environment: Mapping[str, str] = ENVIRONMENT,
        *,
        policy: Mapping[str, Any] | None = None,
        boundary: Immediate | None = None,
        policing: Policing | None = None,
    ) -> None:
        self.boundary = boundary or Immediate()
        self.vault = MemoryVault()
        self.broker = Broker(self.boundary)
        self.operations = MemoryOperations(self.boundary)
        self.tickets = MemoryTickets()
        self.sources = Sources(enabled, folder, environment)
        self.secrets = SenderSecrets(self.vault, self.clock)
        self.keys = PublishedKeys(self.clock)
        verifiers = Verifiers(self.secrets, self.keys, AUTHORITY, self.clock)
        self.intake = Intake(
            self.operations,
            MemoryLines(self.boundary),
            self.broker,
            self.clock,
            (policing or Policing(self.boundary, policy or ALLOWS_ALL)).judge,
            lanes=4,
        )
        self.actions = Actions(self.operations, self.intake.lines, self.broker, self.clock, told)
        fetch = TicketFetcher(self.secrets).fetch
        self.admission = Admission(self.intake, self.actions, self.tickets, fetch)
        self.receiver = Receiver(self.sources, verifiers, self.admission)
        self.explainer = Explainer(self.sources, verifiers, fetch, self.intake)

    def clock(self) -> datetime:
        return self.boundary.now

    def set_clock(self, at: datetime) -> None:
        self.boundary.now = at

    async def receive(self, source: str, body: bytes, headers: Mapping[str, str]) -> Admitted:
        return await self.receiver.receive(delivery(source, body, headers))

    @property
    def changes(self) -> list[Any]:
        """The records of all changes that were made."""
        return self.operations.all()

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.broker.outcomes]


async def told(_: Operation) -> None:
    """Nobody has to know."""


def delivery(
    source: str, body: bytes, headers: Mapping[str, str], method: str = "POST"
) -> Delivery:
    sent = {"content-type": "application/json"} | {
        name.lower(): value for name, value in headers.items()
    }
    return Delivery(source, method, f"/api/webhooks/{source}", sent, body)


MINIMAL: dict[str, Any] = {
    "version": 1,
    "description": "A source for a test",
    "verify": {"sharedHeader": {"secrets": ["sender"], "header": "X-Key"}},
    "ticket": {"id": "ticket", "version": "version"},
    "accept": "kind == 'device'",
    "approved": "approved",
    "rules": [
        {
            "when": "deviceId != null",
            "operation": "patchDevice",
            "request": {
                "target": {"deviceId": "deviceId"},
                "set": {"extensionAttributes": {"extensionAttribute1": "text"}},
                "reason": "reason",
            },
        }
    ],
}
DEVICE = "6a59ea83-02bd-468f-a40b-f2c3d1821983"
GOOD: dict[str, Any] = {
    "kind": "device",
    "approved": True,
    "ticket": "T-1",
    "deviceId": DEVICE,
    "text": "CC-1042",
}
MINIMAL["examples"] = [
    {
        "name": "good",
        "payload": GOOD,
        "changes": [
            {
                "operation": "patchDevice",
                "target": {"deviceId": DEVICE},
                "set": {"extensionAttributes": {"extensionAttribute1": "CC-1042"}},
                "ticket": {"source": "tool", "id": "T-1"},
            }
        ],
    },
    {"name": "other", "payload": GOOD | {"kind": "printer"}, "ignored": True},
]


def gate_of(folder: Path, source: Mapping[str, Any], name: str = "tool", **options: Any) -> Gate:
    """A gate with this one source, whose file is written to the folder."""
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(dict(source), sort_keys=False))
    gate = Gate((name,), folder, **options)
    gate.vault.values["sender"] = SECRET
    return gate
