"""The record of one change, from acceptance to its end.

An operation is a value: every step makes a new one, and the store writes it only if nobody else
wrote since it was read. Nothing in here is a secret; a password is named, never held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from shared.changes.states import State

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    state: State
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a change failed: a stable code, words for people, and whose fault it was to Graph."""

    code: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Submission:
    """A write that may have reached Graph, recorded before it is sent.

    `claimed_until` keeps other invocations off while this one may still be at it. `marker` tells
    an effect of this write from an older one where values cannot (the start time of the last
    device action before it). `in_doubt` is true until Graph answered.
    """

    at: datetime
    claimed_until: datetime
    marker: str | None = None
    in_doubt: bool = True


@dataclass(frozen=True, slots=True)
class GraphCall:
    """One call that was answered, with the ids that Microsoft support asks for."""

    at: datetime
    route: str
    status: int
    request_id: str | None
    client_request_id: str


@dataclass(frozen=True, slots=True)
class RouteTaken:
    """Which route was asked for and which is used, by their names, and in which version."""

    asked: str
    used: str
    version: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Another administrator's approval that Graph asked for.

    `code` is what the identical write has to carry once it is approved. `write` is what was sent,
    a password by the version of its secret. Nobody waits for it after `expires_at`.
    """

    code: str
    write: Json
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a reversal undoes: a verified change, and the values that it left behind."""

    change: str
    after: Json


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy decided: `outcome` is allow, hold or deny.

    `rule` is the name of what decided, `policy` the SHA-256 of the file that it stands in.
    `released_at` is when a person let go what was held.
    """

    outcome: str
    rule: str
    policy: str
    at: datetime
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan that a ticket has to approve first, and whether it has; no `hash` until it is made.

    `plan` is as the HTTP API shows it.
    """

    hash: str | None = None
    plan: Json | None = None
    at: datetime | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The bulk change that an operation is a part of, and which of its targets it is for."""

    change: str
    index: int


BULK = "bulk"
"""In place of an operation's name, in the request of a bulk change on record."""

HELD_BY_POLICY = "held-by-policy"
"""The code of a change that a person has to release, on record beside the rule that says so."""

MOST_STEPS = 64
MOST_CALLS = 32
LONGEST_DETAIL = 256
"""Of a step, in characters. The record keeps the last steps and calls, so that it fits its store
however often it is retried."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change and everything that is known of it.

    `turn` counts the messages that were meant for it: a message of an earlier turn is late.
    `carried_by` is the message that carried it to where it is, see `received.original_id`.
    `device` is the one thing whose changes keep their order; `lane` the session they travel in.
    `resolved` is the target in the members of its route, where the request gives it by names.
    `also` are further things that it must be the first at before it may write, see
    `shared.processing.turn`. `progress` is how far an operation of many steps has come.
    `etag` is the store's version of the record, None before it was first written.
    """

    id: str
    source: str
    key: str | None
    fingerprint: str
    request: Mapping[str, Any]
    device: str
    lane: str
    state: State
    accepted_at: datetime
    updated_at: datetime
    route: RouteTaken | None = None
    resolved: Json | None = None
    turn: int = 0
    carried_by: str | None = None
    attempts: int = 0
    checks: int = 0
    due_at: datetime | None = None
    waiting_for: str | None = None
    also: tuple[str, ...] = ()
    progress: Json | None = None
    submission: Submission | None = None
    before: Json | None = None
    after: Json | None = None
    failure: Failure | None = None
    approval: Approval | None = None
    reverses: Reversal | None = None
    reversed_by: str | None = None
    decision: Decision | None = None
    planned: Planned | None = None
    parent: Parent | None = None
    timeline: tuple[Step, ...] = ()
    calls: tuple[GraphCall, ...] = ()
    trace: str | None = None
    """The span that accepted it, as `traceparent` has it: everything that follows is below it."""
    etag: str | None = None

    def moved(self, state: State, at: datetime, detail: str = "") -> Self:
        """The operation in `state`, with a line in its timeline."""
        timeline = (*self.timeline, Step(state, at, detail[:LONGEST_DETAIL]))[-MOST_STEPS:]
        return replace(self, state=state, updated_at=at, timeline=timeline)

    def failed(self, code: str, detail: str, at: datetime) -> Self:
        """The operation, failed for good with a reason."""
        failure = Failure(code, detail, at)
        return replace(self.moved(State.FAILED, at, code), failure=failure, due_at=None)

    def noting(self, calls: tuple[GraphCall, ...]) -> Self:
        """The operation with the Graph calls that were made for it."""
        return replace(self, calls=(*self.calls, *calls)[-MOST_CALLS:])

    @property
    def is_bulk(self) -> bool:
        """Whether it stands for many changes and makes none itself, see `shared.bulk`."""
        return bool(self.request["operation"] == BULK)

    @property
    def routed(self) -> Json:
        """The request with its target in the members of its route, once those are known."""
        return {**self.request, "target": self.resolved or self.request["target"]}

    @property
    def awaits_approval(self) -> bool:
        """Whether Graph asked for an approval that nobody has released the change with yet."""
        return self.state is State.HELD and self.approval is not None

    @property
    def awaits_person(self) -> bool:
        """Whether it is held until a person decides: no time and no approval lets it go on."""
        return self.state is State.HELD and self.approval is None and self.due_at is None

    @property
    def held_by_policy(self) -> bool:
        """Whether it awaits a person because of the policy: then it stands in no line."""
        failure = self.failure
        return self.awaits_person and failure is not None and failure.code == HELD_BY_POLICY

    @property
    def to_be_planned(self) -> bool:
        """Whether its plan is to be made before anything else."""
        return self.planned is not None and self.planned.hash is None

    @property
    def awaits_plan_approval(self) -> bool:
        """Whether its plan is made, and no ticket has approved it yet."""
        planned = self.planned
        return planned is not None and planned.hash is not None and planned.approved_at is None

    @property
    def stands_aside(self) -> bool:
        """Whether it takes no place in a line, for it may wait for a person for long."""
        return self.awaits_person or self.to_be_planned or self.awaits_plan_approval

    @property
    def write_may_be_out(self) -> bool:
        """Whether a write may have reached Graph, or has, and nothing tells what came of it."""
        doubtful = self.submission is not None and self.submission.in_doubt
        return doubtful or self.state is State.APPLIED

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """The window that the request asked for: not before, not after."""
        opens, closes = self.request.get("notBefore"), self.request.get("notAfter")
        return (
            datetime.fromisoformat(opens) if opens else None,
            datetime.fromisoformat(closes) if closes else None,
        )
