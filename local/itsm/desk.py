"""What the three tools have in common: tickets, notes, and that they tell of every update."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

type Json = dict[str, Any]
type Clock = Callable[[], float]
"""Seconds since the epoch."""

SLUICE = "sluice"
"""The user that the caller with the password is."""


@dataclass
class Ticket:
    """One ticket: its fields, and its notes in the order of their arrival, as they were sent."""

    id: str
    fields: Json
    notes: list[Json] = field(default_factory=list)

    def note(self, body: object, **members: object) -> Json:
        """Append a note."""
        note = {"id": uuid.uuid4().hex, "body": body, **members}
        self.notes.append(note)
        return note


class NoSuchTicketError(Exception):
    """The tool does not have this ticket."""


@dataclass(frozen=True)
class Refusal(Exception):
    """A request that the tool does not take, with the status and the body of its answer."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


type Tell = Callable[[str, Json], None]
"""Sends an event of the tool of this name."""


class Tool(Protocol):
    """One ticketing tool."""

    name: str
    tickets: dict[str, Ticket]

    def routes(self) -> list[web.RouteDef]:
        """Its API, as far as it is written back to."""

    def authorized(self, authorization: str) -> bool:
        """Whether the header `Authorization` is that of a caller it knows."""

    def refusal(self, status: int) -> Json:
        """The body of an error answer."""

    def throttled(self, limit: int, wait: int) -> Mapping[str, str]:
        """The headers of an answer 429, beside Retry-After."""

    def add(self, ticket_id: str, fields: Json) -> None:
        """Put a ticket into the tool, without an event."""

    def edit(self, ticket_id: str, fields: Json, by: str) -> None:
        """Somebody edits a ticket, and the tool tells of it."""


def found(tickets: Mapping[str, Ticket], ticket_id: str) -> Ticket:
    """The ticket; raises NoSuchTicketError."""
    if ticket_id not in tickets:
        raise NoSuchTicketError
    return tickets[ticket_id]
