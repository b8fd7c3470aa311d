"""A change as people see it: the answer of GET /api/changes/{id}."""

from datetime import datetime

from shared.changes.operation import Json, Operation


def view(operation: Operation) -> Json:
    """Everything that is on record, in the members of the HTTP API. Holds no secret."""
    failure, route, approval = operation.failure, operation.route, operation.approval
    decision = operation.decision
    return {
        "id": operation.id,
        "state": operation.state,
        **operation.request,
        "source": operation.source,
        "key": operation.key,
        "route": route and {"asked": route.asked, "used": route.used, "version": route.version},
        "resolved": operation.resolved,
        "lane": operation.lane,
        "acceptedAt": _time(operation.accepted_at),
        "updatedAt": _time(operation.updated_at),
        "dueAt": _time(operation.due_at),
        "waitingFor": operation.waiting_for,
        "attempts": operation.attempts,
        "progress": _progress(operation.progress),
        "before": operation.before,
        "after": operation.after,
        "failure": failure
        and {"code": failure.code, "detail": failure.detail, "at": _time(failure.at)},
        "approval": approval
        and {
            "code": approval.code,
            "askedAt": _time(approval.asked_at),
            "expiresAt": _time(approval.expires_at),
            "write": approval.write,
        },
        "reverses": operation.reverses and operation.reverses.change,
        "reversedBy": operation.reversed_by,
        "decision": decision
        and {
            "outcome": decision.outcome,
            "rule": decision.rule,
            "policy": decision.policy,
            "at": _time(decision.at),
            "releasedAt": _time(decision.released_at),
        },
        "timeline": [
            {"state": step.state, "at": _time(step.at), "detail": step.detail}
            for step in operation.timeline
        ],
        "calls": [
            {
                "at": _time(call.at),
                "route": call.route,
                "status": call.status,
                "requestId": call.request_id,
                "clientRequestId": call.client_request_id,
            }
            for call in operation.calls
        ],
    }


def _progress(progress: Json | None) -> Json | None:
    """Without the row of the register that it began with."""
    return progress and {name: value for name, value in progress.items() if name != "document"}


def _time(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
