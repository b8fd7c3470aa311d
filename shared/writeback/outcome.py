"""A message on `outcomes`, as far as it is told to others."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.changes.states import State

type Json = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Ticket(_Part):
    """The ticket that asked, as its source knows it."""

    source: str
    id: str


class Failure(_Part):
    """Why it failed, or waits for a person."""

    code: str
    detail: str


class Decision(_Part):
    """What the policy decided of it."""

    outcome: str
    rule: str


class PlannedChange(_Part):
    """One value that would be written."""

    property: str
    before: Any = None
    after: Any = None


class Plan(_Part):
    """What would be written."""

    changes: tuple[PlannedChange, ...] = ()


class Planned(_Part):
    """The plan that the ticket has to approve, and its hash; None until it is made."""

    hash: str | None = None
    plan: Plan | None = None


class Fault(Failure):
    """One fault of a request that was refused."""

    pointer: str


class Outcome(_Part):
    """What became of a change; without an `id` it never was one, but was refused."""

    id: str | None
    state: State
    source: str
    operation: str | None = None
    target: Json | None = None
    resolved: Json | None = None
    ticket: Ticket | None = None
    before: Json | None = None
    after: Json | None = None
    decision: Decision | None = None
    planned: Planned | None = None
    failure: Failure | None = None
    problems: tuple[Fault, ...] = ()

    @classmethod
    def read(cls, body: bytes) -> "Outcome | None":
        """The outcome; None for a message that is none of Sluice's."""
        try:
            return cls.model_validate_json(body)
        except ValidationError:
            return None

    @property
    def concerns(self) -> str:
        """The source that is to be told: the ticket's, else the one that asked."""
        return self.ticket.source if self.ticket else self.source
