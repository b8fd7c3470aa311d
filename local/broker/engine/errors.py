"""What the engine refuses, each with the names that Service Bus has for it.

EngineError
├── EntityNotFoundError            no such queue
├── NotAllowedError                the queue is not of that kind, or the request makes no sense
├── MessageTooLargeError           more bytes than a message may have
├── MessageNotFoundError           no such message in that state
├── MessageLockLostError           the lock expired, was settled or never was
├── SessionLockLostError           the session is not locked, or by somebody else
├── SessionCannotBeLockedError     somebody else holds the session
└── NoSessionAvailableError        none became free in the time that the client gave
"""

from typing import ClassVar


class EngineError(Exception):
    """A request that the broker refuses.

    `condition` is the AMQP error condition, `status` the status code in `$management` answers
    (Microsoft: "AMQP 1.0 in Azure Service Bus: request-response-based operations", and "AMQP
    error codes").
    """

    condition: ClassVar[str]
    status: ClassVar[int]


class EntityNotFoundError(EngineError):
    """There is no such queue."""

    condition = "amqp:not-found"
    status = 404


class NotAllowedError(EngineError):
    """The queue is not of the kind that the request is for."""

    condition = "amqp:not-allowed"
    status = 400


class MessageTooLargeError(EngineError):
    """The message has more bytes than a message may have."""

    condition = "amqp:link:message-size-exceeded"
    status = 400


class MessageNotFoundError(EngineError):
    """There is no such message in the state that the request needs."""

    condition = "com.microsoft:message-not-found"
    status = 404


class MessageLockLostError(EngineError):
    """The lock expired, was settled already, or never existed."""

    condition = "com.microsoft:message-lock-lost"
    status = 410


class SessionLockLostError(EngineError):
    """The session is not locked any more, or it is by another receiver."""

    condition = "com.microsoft:session-lock-lost"
    status = 410


class SessionCannotBeLockedError(EngineError):
    """Another receiver holds the session."""

    condition = "com.microsoft:session-cannot-be-locked"
    status = 409


class NoSessionAvailableError(EngineError):
    """No session with messages became free in time."""

    condition = "com.microsoft:timeout"
    status = 408
