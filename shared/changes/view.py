"""A change as people see it: the answer of GET /api/changes/{id}."""

from datetime import datetime

from shared.changes.operation import Json, Operation


def view(operation: Operation) -> Json:
    """Everything that is on record, in the members of the HTTP API. Holds no secret."""
    failure, route, approval = operation.failure, operation.route, operation.approval
    return {
        "id": operation.id,
        "state": operation.state,
        **operation.request,
        "source": operation.source,
        "key": operation.key,
        "route": route and {"asked": route.asked, "used": route.used, "version": route.version},
        "resolved": operation.resolved,
        "lane": operation.lane,
        "acceptedAt": time_text(operation.accepted_at),
        "updatedAt": time_text(operation.updated_at),
        "dueAt": time_text(operation.due_at),
        "waitingFor": operation.waiting_for,
        "attempts": operation.attempts,
        "progress": _progress(operation.progress),
        "before": operation.before,
        "after": operation.after,
        "failure": failure
        and {"code": failure.code, "detail": failure.detail, "at": time_text(failure.at)},
        "approval": approval
        and {
            "code": approval.code,
            "askedAt": time_text(approval.asked_at),
            "expiresAt": time_text(approval.expires_at),
            "write": approval.write,
        },
        "reverses": operation.reverses and operation.reverses.change,
        "reversedBy": operation.reversed_by,
        "parent": operation.parent and operation.parent.change,
        "timeline": [
            {"state": step.state, "at": time_text(step.at), "detail": step.detail}
            for step in operation.timeline
        ],
        "calls": [
            {
                "at": time_text(call.at),
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


def time_text(at: datetime | None) -> str | None:
    """A time as RFC 3339 has it, in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None
