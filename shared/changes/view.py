"""A change as people see it: the answer of GET /api/changes/{id}."""

from shared.changes.operation import Json, Operation
from shared.changes.times import in_utc


def view(operation: Operation) -> Json:
    """Everything that is on record, in the members of the HTTP API. Holds no secret."""
    failure, route, approval = operation.failure, operation.route, operation.approval
    decision, planned = operation.decision, operation.planned
    return {
        "id": operation.id,
        "state": operation.state,
        **operation.request,
        "source": operation.source,
        "key": operation.key,
        "route": route and {"asked": route.asked, "used": route.used, "version": route.version},
        "resolved": operation.resolved,
        "lane": operation.lane,
        "acceptedAt": in_utc(operation.accepted_at),
        "updatedAt": in_utc(operation.updated_at),
        "dueAt": in_utc(operation.due_at),
        "waitingFor": operation.waiting_for,
        "attempts": operation.attempts,
        "progress": _progress(operation.progress),
        "before": operation.before,
        "after": operation.after,
        "failure": failure
        and {"code": failure.code, "detail": failure.detail, "at": in_utc(failure.at)},
        "approval": approval
        and {
            "code": approval.code,
            "askedAt": in_utc(approval.asked_at),
            "expiresAt": in_utc(approval.expires_at),
            "write": approval.write,
        },
        "reverses": operation.reverses and operation.reverses.change,
        "reversedBy": operation.reversed_by,
        "decision": decision
        and {
            "outcome": decision.outcome,
            "rule": decision.rule,
            "policy": decision.policy,
            "at": in_utc(decision.at),
            "releasedAt": in_utc(decision.released_at),
        },
        "parent": operation.parent and operation.parent.change,
        "planned": planned
        and {
            "hash": planned.hash,
            "plan": planned.plan,
            "at": in_utc(planned.at),
            "approvedAt": in_utc(planned.approved_at),
        },
        "timeline": [
            {"state": step.state, "at": in_utc(step.at), "detail": step.detail}
            for step in operation.timeline
        ],
        "calls": [
            {
                "at": in_utc(call.at),
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
