"""The messages that Sluice sends, as data.

The message id makes sending idempotent: `changes` and `outcomes` detect duplicates, so a message
that a crash makes us send twice arrives once.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from shared.changes.operation import Operation
from shared.changes.problems import Problem
from shared.changes.states import State
from shared.telemetry.trace_context import trace_properties

INTAKE, CHANGES, OUTCOMES = "intake", "changes", "outcomes"

LONGEST_ID = 128
"""Characters that Service Bus takes as a message or correlation id."""


@dataclass(frozen=True, slots=True)
class Message:
    """One Service Bus message. `at` schedules it (scheduled enqueue time, UTC)."""

    queue: str
    id: str
    body: bytes
    session: str | None = None
    subject: str | None = None
    correlation: str | None = None
    content_type: str = "application/json"
    properties: Mapping[str, str | int] = field(default_factory=dict)
    at: datetime | None = None

    def scheduled(self, at: datetime) -> "Message":
        """The same message, to arrive at that time."""
        return replace(self, at=at)


class SendFailed(Exception):
    """The broker did not say that it has the message. It may have it all the same."""


class Sender(Protocol):
    """Whatever carries messages to their queues."""

    async def send(self, message: Message) -> None:
        """Return once the broker has the message; raises SendFailed."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """A message on `changes`: look at this operation again.

    It carries no orders; the record says what is to be done. `turn` tells a late copy.
    """

    operation: str
    turn: int

    @classmethod
    def read(cls, body: bytes) -> "Nudge":
        """Parse the body of a message on `changes`; raises ValueError when it is none of ours."""
        try:
            document = json.loads(body)
        except RecursionError:
            document = None
        match document:
            case {"operation": str(operation), "turn": int(turn)}:
                return cls(str(uuid.UUID(operation)), turn)
            case _:
                raise ValueError("operation or turn is missing")


def nudge(operation: Operation, *, at: datetime | None = None, again: str = "") -> Message:
    """The message that makes `operation` be looked at in its lane.

    `again` tells apart copies of one turn that are all meant to arrive.
    """
    return Message(
        queue=CHANGES,
        id=f"{operation.id}.{operation.turn}{'.' + again if again else ''}",
        body=_json({"operation": operation.id, "turn": operation.turn}),
        session=operation.lane,
        subject=operation.request["operation"],
        correlation=operation.id,
        properties=trace_properties(operation.trace),
        at=at,
    )


def outcome(operation: Operation) -> Message:
    """What became of a change, for whoever asked."""
    failure, decision, planned = operation.failure, operation.decision, operation.planned
    return Message(
        queue=OUTCOMES,
        id=f"{operation.id}.{operation.turn}.{operation.state}",
        body=_json(
            {
                "id": operation.id,
                "state": operation.state,
                "operation": operation.request["operation"],
                "target": operation.request.get("target"),
                "resolved": operation.resolved,
                "ticket": operation.request.get("ticket"),
                "source": operation.source,
                "key": operation.key,
                "before": operation.before,
                "after": operation.after,
                "planned": planned and {"hash": planned.hash, "plan": planned.plan},
                "decision": decision and {"outcome": decision.outcome, "rule": decision.rule},
                "failure": failure and {"code": failure.code, "detail": failure.detail},
                "at": operation.updated_at.isoformat(),
            }
        ),
        subject=operation.state,
        correlation=(operation.key or operation.id)[:LONGEST_ID],
        properties=trace_properties(operation.trace),
    )


def refusal_outcome(message_id: str, problems: tuple[Problem, ...], at: datetime) -> Message:
    """That a message on `intake` was refused, for whoever sent it.

    Its sender may have called it anything, and an outcome may not be called so.
    """
    return Message(
        queue=OUTCOMES,
        id=_refusal_id(INTAKE, message_id, problems),
        body=_json(_refused(INTAKE, message_id, None, problems, at)),
        subject="refused",
        correlation=message_id,
    )


def ticket_outcome(
    ticket: Mapping[str, str], problems: tuple[Problem, ...], at: datetime
) -> Message:
    """That what a ticket asks for was refused, for the ticket.

    The same refusal of the same ticket has the same message id: a sender that repeats itself is
    answered once.
    """
    return Message(
        queue=OUTCOMES,
        id=_refusal_id(ticket["source"], ticket["id"], problems),
        body=_json(_refused(ticket["source"], None, ticket, problems, at)),
        subject="refused",
        correlation=ticket["id"],
    )


def _refusal_id(source: str, asked_as: str, problems: tuple[Problem, ...]) -> str:
    said = "\n".join([asked_as, *(f"{each.code} {each.pointer}" for each in problems)])
    return f"{source}.refused.{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _refused(
    source: str,
    key: str | None,
    ticket: Mapping[str, str] | None,
    problems: tuple[Problem, ...],
    at: datetime,
) -> dict[str, Any]:
    first = problems[0]
    return {
        "id": None,
        "state": State.FAILED,
        "source": source,
        "key": key,
        "ticket": ticket,
        "failure": {"code": first.code, "detail": first.detail},
        "problems": [{"code": p.code, "pointer": p.pointer, "detail": p.detail} for p in problems],
        "at": at.isoformat(),
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
