"""`$management`: operations on a queue by request and response.

Source: Microsoft, "AMQP 1.0 in Azure Service Bus: request-response-based operations". Its spelling
is kept where it is part of the protocol (`defered`, `sessions-ids`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from local.broker.amqp.errors import AmqpError
from local.broker.amqp.types import Array, Int, Long, Symbol, Timestamp
from local.broker.engine.errors import EngineError
from local.broker.engine.message import Abandon, Complete, DeadLetter, Defer, Outcome
from local.broker.engine.queue import Queue
from local.broker.service.arguments import Arguments
from local.broker.service.incoming_message import publication
from local.broker.service.outgoing_message import render
from local.broker.service.requests import Request, Response

_BAD_REQUEST = 400
_RECEIVE_AND_DELETE = 0
_ALL_SESSIONS = 253_402_300_800_000
"""The `last-updated-time` that asks for sessions with messages: the first moment of year 10000."""


class Result(NamedTuple):
    """What an operation answers when it succeeds."""

    body: object
    status: int = 200


NOTHING_FOUND = Result({}, 204)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and what it is about."""

    queue: Queue
    arguments: Arguments
    receiver: str | None
    """The name of the link on whose behalf the request comes."""


def handle(request: Request, queue: Queue) -> Response:
    """Run the operation that a request asks for."""
    name = request.properties.get("operation")
    operation = _OPERATIONS.get(name) if isinstance(name, str) else None
    receiver = request.properties.get("associated-link-name")
    call = Call(queue, Arguments(request.body), receiver if isinstance(receiver, str) else None)
    try:
        if operation is None:
            return _error("amqp:not-implemented", 501, "there is no such operation")
        result = operation(call)
    except EngineError as cause:
        return _error(cause.condition, cause.status, str(cause))
    except AmqpError as cause:
        return _error(cause.condition, _BAD_REQUEST, cause.description)
    return Response({"statusCode": Int(result.status), "statusDescription": "OK"}, result.body)


def _error(condition: str, status: int, description: str) -> Response:
    properties: dict[object, object] = {
        "statusCode": Int(status),
        "statusDescription": description,
        "errorCondition": Symbol(condition),
    }
    return Response(properties, {})


def _peek(call: Call) -> Result:
    first = call.arguments.number("from-sequence-number")
    count = call.arguments.number("message-count")
    found = call.queue.messages.find(first, count, call.arguments.text("session-id"))
    messages: list[object] = [{"message": render(message)} for message in found]
    return Result({"messages": messages}) if messages else NOTHING_FOUND


def _schedule(call: Call) -> Result:
    publications = [publication(message) for message in call.arguments.messages()]
    sequences = call.queue.publish(publications)
    return Result({"sequence-numbers": Array(map(Long, sequences))})


def _cancel_scheduled(call: Call) -> Result:
    call.queue.cancel_scheduled(call.arguments.numbers("sequence-numbers"))
    return Result({})


def _renew_lock(call: Call) -> Result:
    expirations = call.queue.renew_locks(call.arguments.tokens())
    return Result({"expirations": Array(map(Timestamp, expirations))})


def _receive_deferred(call: Call) -> Result:
    locks = call.queue.receive_deferred(
        call.arguments.numbers("sequence-numbers"),
        session_id=call.arguments.text("session-id"),
        receiver=call.receiver,
    )
    tokens = [lock.token for lock in locks]
    if call.arguments.number("receiver-settle-mode") == _RECEIVE_AND_DELETE:
        call.queue.settle_all(tokens, Complete())
        return Result({"messages": [{"message": render(lock.message)} for lock in locks]})
    messages = [{"lock-token": lock.token, "message": render(lock.message, lock)} for lock in locks]
    return Result({"messages": messages})


def _settle(call: Call) -> Result:
    status = call.arguments.text("disposition-status")
    outcomes: dict[str | None, Outcome] = {
        "completed": Complete(),
        "abandoned": Abandon(),
        "defered": Defer(),
        "suspended": DeadLetter(
            call.arguments.text("deadletter-reason"), call.arguments.text("deadletter-description")
        ),
    }
    outcome = outcomes.get(status)
    if outcome is None:
        raise AmqpError("com.microsoft:argument-error", "there is no such disposition-status")
    call.queue.settle_all(call.arguments.tokens(), outcome)
    return Result({})


def _renew_session_lock(call: Call) -> Result:
    session = call.queue.sessions.held(call.arguments.text("session-id") or "", call.receiver)
    return Result({"expiration": Timestamp(call.queue.sessions.renew(session))})


def _get_session_state(call: Call) -> Result:
    session = call.queue.sessions.held(call.arguments.text("session-id") or "", call.receiver)
    return Result({"session-state": session.state})


def _set_session_state(call: Call) -> Result:
    session = call.queue.sessions.held(call.arguments.text("session-id") or "", call.receiver)
    call.queue.sessions.set_state(session, call.arguments.binary("session-state"))
    return Result({})


def _list_sessions(call: Call) -> Result:
    since = call.arguments.number("last-updated-time")
    skip, top = call.arguments.number("skip"), call.arguments.number("top")
    found = sorted(
        session.session_id
        for session in call.queue.sessions
        if (session.size > 0 if since == _ALL_SESSIONS else session.state_updated_at > since)
    )
    page = found[skip : skip + top]
    if not page:
        return NOTHING_FOUND
    return Result({"skip": Int(skip), "sessions-ids": Array(page)})


_OPERATIONS: dict[str, Callable[[Call], Result]] = {
    "com.microsoft:peek-message": _peek,
    "com.microsoft:schedule-message": _schedule,
    "com.microsoft:cancel-scheduled-message": _cancel_scheduled,
    "com.microsoft:renew-lock": _renew_lock,
    "com.microsoft:receive-by-sequence-number": _receive_deferred,
    "com.microsoft:update-disposition": _settle,
    "com.microsoft:renew-session-lock": _renew_session_lock,
    "com.microsoft:get-session-state": _get_session_state,
    "com.microsoft:set-session-state": _set_session_state,
    "com.microsoft:get-message-sessions": _list_sessions,
}
