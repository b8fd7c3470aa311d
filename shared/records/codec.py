"""Operations as table entities and back.

What people filter by has a column of its own; the rest is JSON text, one column a member, each
within the 64 KiB of UTF-16 that a string property of Table Storage holds.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.changes.operation import (
    Approval,
    Decision,
    Failure,
    GraphCall,
    Operation,
    Parent,
    Planned,
    Reversal,
    RouteTaken,
    Step,
    Submission,
)
from shared.changes.states import State

LONGEST_TEXT = 32 * 1024
"""Units of UTF-16: what is beyond the first 65,536 characters of Unicode, as emoji are, has two."""

type Columns = dict[str, Any]


def to_columns(operation: Operation) -> Columns:
    """The columns of an operation, without its keys; absent members have no column."""
    failure, submission, route = operation.failure, operation.submission, operation.route
    approval, reverses, parent = operation.approval, operation.reverses, operation.parent
    columns: dict[str, Any] = {
        "id": operation.id,
        "source": operation.source,
        "key": operation.key,
        "fingerprint": operation.fingerprint,
        "operation": operation.request["operation"],
        "request": _text(operation.request),
        "device": operation.device,
        "lane": operation.lane,
        "route": _text([route.asked, route.used, route.version]) if route else None,
        "resolved": _text(operation.resolved),
        "state": str(operation.state),
        "acceptedAt": operation.accepted_at,
        "updatedAt": operation.updated_at,
        "turn": operation.turn,
        "carriedBy": operation.carried_by,
        "attempts": operation.attempts,
        "checks": operation.checks,
        "dueAt": operation.due_at,
        "waitingFor": operation.waiting_for,
        "also": _text(operation.also) if operation.also else None,
        "progress": _text(operation.progress),
        "submission": _text(_submission(submission)) if submission else None,
        "before": _text(operation.before),
        "after": _text(operation.after),
        "failureCode": failure.code if failure else None,
        "failureDetail": failure.detail if failure else None,
        "failedAt": failure.at if failure else None,
        "approvalCode": approval.code if approval else None,
        "approvalWrite": _text(approval.write) if approval else None,
        "approvalAskedAt": approval.asked_at if approval else None,
        "approvalExpiresAt": approval.expires_at if approval else None,
        "reverses": reverses.change if reverses else None,
        "reversesAfter": _text(reverses.after) if reverses else None,
        "reversedBy": operation.reversed_by,
        "planned": _text(_planned(operation.planned)) if operation.planned else None,
        "decision": _text(_decision(operation.decision)) if operation.decision else None,
        "parent": parent.change if parent else None,
        "parentIndex": parent.index if parent else None,
        "trace": operation.trace,
        "timeline": _tail([[s.state, s.at.isoformat(), s.detail] for s in operation.timeline]),
        "calls": _tail([_call(call) for call in operation.calls]),
    }
    return {name: value for name, value in columns.items() if value is not None}


def from_columns(columns: Mapping[str, Any], etag: str) -> Operation:
    """The operation that `to_columns` wrote."""
    return Operation(
        id=columns["id"],
        source=columns["source"],
        key=columns.get("key"),
        fingerprint=columns["fingerprint"],
        request=json.loads(columns["request"]),
        device=columns["device"],
        lane=columns["lane"],
        state=State(columns["state"]),
        accepted_at=columns["acceptedAt"],
        updated_at=columns["updatedAt"],
        route=RouteTaken(*json.loads(columns["route"])) if "route" in columns else None,
        resolved=_document(columns.get("resolved")),
        turn=columns["turn"],
        carried_by=columns.get("carriedBy"),
        attempts=columns["attempts"],
        checks=columns["checks"],
        due_at=columns.get("dueAt"),
        waiting_for=columns.get("waitingFor"),
        also=tuple(_document(columns.get("also")) or ()),
        progress=_document(columns.get("progress")),
        submission=_read_submission(columns.get("submission")),
        before=_document(columns.get("before")),
        after=_document(columns.get("after")),
        failure=_read_failure(columns),
        approval=_read_approval(columns),
        reverses=_read_reversal(columns),
        reversed_by=columns.get("reversedBy"),
        planned=_read_planned(columns.get("planned")),
        decision=_read_decision(columns.get("decision")),
        parent=_read_parent(columns),
        timeline=tuple(
            Step(State(state), datetime.fromisoformat(at), detail)
            for state, at, detail in json.loads(columns["timeline"])
        ),
        calls=tuple(
            GraphCall(datetime.fromisoformat(at), *rest)
            for at, *rest in json.loads(columns["calls"])
        ),
        trace=columns.get("trace"),
        etag=etag,
    )


def _text(document: Any) -> str | None:
    if document is None:
        return None
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    if _fits(text):
        return text
    # Only values read from Graph can be so long: a request is bounded when it is read.
    return json.dumps({"tooLong": len(text)})


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le", "surrogatepass")) <= 2 * LONGEST_TEXT


def _tail(entries: list[Any]) -> str:
    """As many of the last entries as fit."""
    while not _fits(text := json.dumps(entries, separators=(",", ":"), ensure_ascii=False)):
        entries = entries[1:]
    return text


def _document(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _submission(submission: Submission) -> list[Any]:
    return [
        submission.at.isoformat(),
        submission.claimed_until.isoformat(),
        submission.marker,
        submission.in_doubt,
    ]


def _read_submission(text: str | None) -> Submission | None:
    if text is None:
        return None
    at, until, marker, in_doubt = json.loads(text)
    return Submission(datetime.fromisoformat(at), datetime.fromisoformat(until), marker, in_doubt)


def _read_failure(columns: Mapping[str, Any]) -> Failure | None:
    if "failureCode" not in columns:
        return None
    return Failure(columns["failureCode"], columns["failureDetail"], columns["failedAt"])


def _read_approval(columns: Mapping[str, Any]) -> Approval | None:
    if "approvalCode" not in columns:
        return None
    return Approval(
        code=columns["approvalCode"],
        write=json.loads(columns["approvalWrite"]),
        asked_at=columns["approvalAskedAt"],
        expires_at=columns["approvalExpiresAt"],
    )


def _read_reversal(columns: Mapping[str, Any]) -> Reversal | None:
    if "reverses" not in columns:
        return None
    return Reversal(columns["reverses"], json.loads(columns["reversesAfter"]))


def _planned(planned: Planned) -> list[Any]:
    times = (planned.at, planned.approved_at)
    return [planned.hash, planned.plan, *(at.isoformat() if at else None for at in times)]


def _read_planned(text: str | None) -> Planned | None:
    if text is None:
        return None
    known, plan, *times = json.loads(text)
    return Planned(known, plan, *(datetime.fromisoformat(at) if at else None for at in times))


def _decision(decision: Decision) -> list[Any]:
    released = decision.released_at.isoformat() if decision.released_at else None
    return [
        decision.outcome,
        decision.rule,
        decision.policy,
        decision.at.isoformat(),
        released,
    ]


def _read_decision(text: str | None) -> Decision | None:
    if text is None:
        return None
    outcome, rule, policy, at, released = json.loads(text)
    released_at = datetime.fromisoformat(released) if released else None
    return Decision(outcome, rule, policy, datetime.fromisoformat(at), released_at)


def _read_parent(columns: Mapping[str, Any]) -> Parent | None:
    if "parent" not in columns:
        return None
    return Parent(columns["parent"], columns["parentIndex"])


def _call(call: GraphCall) -> list[Any]:
    return [
        call.at.isoformat(),
        call.route,
        call.status,
        call.request_id,
        call.client_request_id,
    ]
