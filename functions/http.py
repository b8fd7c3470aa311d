"""Answers over HTTP: JSON, and problems as RFC 9457 has them."""

import functools
import json
import logging
import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import azure.functions as func

from functions.observing import observing
from shared import composition
from shared.access.roles import HEADER, OPERATORS, require
from shared.changes.problems import Problem, RequestRefused
from shared.faults import Transient
from shared.telemetry.line import note

if TYPE_CHECKING:
    from shared.intake.accept import Accepted

_TITLES = {
    400: "The request cannot be read",
    401: "The sender is not known",
    403: "The sender may not do this",
    404: "There is no such thing",
    409: "Its state does not allow this",
    412: "It is not as the request expects it",
    413: "The request is too large",
    415: "The request has the wrong media type",
    422: "The request cannot be accepted",
    503: "Sluice cannot do this now",
}

_CHALLENGES = {401: {"WWW-Authenticate": "Webhook"}}
"""What RFC 9110 wants beside a status. How a source proves itself is its own business."""

_RETRY_AFTER = 10
"""Seconds."""

_log = logging.getLogger(__name__)

type Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def answer(
    document: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> func.HttpResponse:
    """A JSON answer."""
    return func.HttpResponse(
        json.dumps(document, ensure_ascii=False),
        status_code=status,
        headers=dict(headers or {}),
        mimetype=media_type,
    )


def accepted(change: "Accepted", where: str = "/api/changes") -> func.HttpResponse:
    """That a change is on its way, and where to look for it."""
    operation = change.operation
    note(change=operation.id, state=operation.state, repeated=change.repeated)
    return answer(
        {"id": operation.id, "state": operation.state, "repeated": change.repeated},
        202,
        {"Location": f"{where}/{operation.id}", "Retry-After": "2"},
    )


def problem(
    status: int, problems: tuple[Problem, ...], headers: Mapping[str, str] | None = None
) -> func.HttpResponse:
    """An error answer; the first problem speaks for all, `errors` lists them."""
    first = problems[0]
    note(code=first.code, problems=len(problems))
    document = {
        "type": f"urn:sluice:problem:{first.code}",
        "title": _TITLES[status],
        "status": status,
        "detail": first.detail,
        "pointer": first.pointer,
        "errors": [
            {"code": each.code, "pointer": each.pointer, "detail": each.detail} for each in problems
        ],
    }
    return answer(document, status, headers, "application/problem+json")


def answering(handler: Handler) -> Handler:
    """Answer operators, see `answering_to`: what sources may do as well says so."""
    return answering_to(OPERATORS)(handler)


def answering_to(roles: Collection[str]) -> Callable[[Handler], Handler]:
    """Answer those who have one of the roles, where callers show tokens (CALLER_ROLES)."""
    return functools.partial(_answering, roles)


def _answering(roles: Collection[str], handler: Handler) -> Handler:
    """Turn what a handler raises into an answer: no caller ever sees a stack trace."""

    @functools.wraps(handler)
    async def handled(req: func.HttpRequest) -> func.HttpResponse:
        try:
            if roles and composition.settings().caller_roles:
                require(roles, req.headers.get(HEADER))
            return await handler(req)
        except RequestRefused as refused:
            return problem(refused.status, refused.problems, _CHALLENGES.get(refused.status))
        except Transient as fault:
            detail = f"It cannot be looked at now ({fault.code}); send it again."
            seconds = math.ceil(fault.retry_after or _RETRY_AFTER)
            return _unavailable(detail, seconds)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets an answer
            note(outcome="fault", fault=type(error).__name__)
            _log.exception("the fault of the next line")
            detail = (
                "Send it again, with the same Idempotency-Key; GET /api/health/details says more."
            )
            return _unavailable(detail)

    @observing("request")
    @functools.wraps(handler)
    async def answered(req: func.HttpRequest) -> func.HttpResponse:
        answer = await handled(req)
        note(status=answer.status_code)
        return answer

    return answered


def _unavailable(detail: str, seconds: int = _RETRY_AFTER) -> func.HttpResponse:
    return problem(503, (Problem("unavailable", "", detail),), {"Retry-After": str(seconds)})
