"""Messages: as they arrive, as a queue holds them, and what becomes of them."""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

MAX_MESSAGE_SIZE = 262_144
"""Bytes of one encoded message, or batch, on the standard tier."""


class MessageState(IntEnum):
    """The states that a peek tells apart, with their numbers in `x-opt-message-state`."""

    ACTIVE = 0
    DEFERRED = 1
    SCHEDULED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A message as a sender hands it over. `content` is opaque to the engine."""

    content: bytes
    message_id: str
    session_id: str | None = None
    time_to_live: int | None = None
    scheduled_for: int | None = None


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as a queue holds it. Moments are milliseconds since 1970."""

    sequence: int
    enqueue_sequence: int
    """The number it had when it first arrived: activating a scheduled message gives a new one."""
    content: bytes
    message_id: str
    session_id: str | None
    enqueued_at: int
    time_to_live: int | None
    state: MessageState = MessageState.ACTIVE
    scheduled_for: int | None = None
    delivery_count: int = 0
    """How many deliveries ended without a settlement that counts as processed."""
    dead_letter_reason: str | None = None
    dead_letter_description: str | None = None

    @property
    def expires_at(self) -> int | None:
        """When it expires, unless it is still scheduled."""
        if self.time_to_live is None or self.state is MessageState.SCHEDULED:
            return None
        return self.enqueued_at + self.time_to_live


@dataclass(slots=True, eq=False)
class Lock:
    """One receiver's claim on a message, until it settles or `expires_at` passes."""

    token: UUID
    message: Message
    expires_at: int


@dataclass(frozen=True, slots=True)
class Complete:
    """Processed: remove it."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """Not processed: deliver it again, and count that."""


@dataclass(frozen=True, slots=True)
class Release:
    """Never looked at: deliver it again as if nothing had been."""


@dataclass(frozen=True, slots=True)
class Defer:
    """Keep it until somebody asks for it by its sequence number."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Cannot be processed: move it to the dead-letter queue."""

    reason: str | None = None
    description: str | None = None


Outcome = Complete | Abandon | Release | Defer | DeadLetter
