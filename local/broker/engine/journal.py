"""What the engine tells a store, and what it wants to hear from one after a restart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from local.broker.engine.message import Message


@dataclass(slots=True)
class SessionRecord:
    """A session's state as it outlives a restart."""

    session_id: str
    state: bytes
    updated_at: int


@dataclass(slots=True)
class QueueSnapshot:
    """All of a queue that outlives a restart. Locks do not."""

    last_sequence: int = 0
    messages: Iterable[Message] = ()
    sessions: Iterable[SessionRecord] = ()
    duplicates: dict[str, int] = field(default_factory=dict)
    """Message ids and when they came, oldest first."""


class Journal(Protocol):
    """Takes note of changes; makes them durable at a moment of its own choice."""

    def load(self, queue: str, /) -> QueueSnapshot:
        """Give back what is known of a queue."""

    def save_message(self, queue: str, message: Message, /) -> None:
        """Note a new or changed message."""

    def delete_message(self, queue: str, sequence: int, /) -> None:
        """Note that a message is gone."""

    def save_sequence(self, queue: str, last_sequence: int, /) -> None:
        """Note the last sequence number that was given out."""

    def save_session(self, queue: str, record: SessionRecord, /) -> None:
        """Note a session's state."""

    def delete_session(self, queue: str, session_id: str, /) -> None:
        """Note that a session has no state any more."""

    def save_duplicate(self, queue: str, message_id: str, seen_at: int, /) -> None:
        """Note a message id for duplicate detection."""

    def delete_duplicate(self, queue: str, message_id: str, /) -> None:
        """Note that a message id left the window."""


class NoJournal:
    """Remembers nothing."""

    def load(self, _queue: str, /) -> QueueSnapshot:
        """Know nothing of any queue."""
        return QueueSnapshot()

    def _ignore(self, *_: object) -> None:
        pass

    save_message = delete_message = save_sequence = _ignore
    save_session = delete_session = save_duplicate = delete_duplicate = _ignore
