"""Who takes messages from a queue."""

from typing import TYPE_CHECKING, Protocol

from local.broker.engine.errors import EngineError
from local.broker.engine.message import Lock, Message

if TYPE_CHECKING:
    from local.broker.engine.sessions import Session


class Consumer(Protocol):
    """A receiver, as the engine sees it. None of these methods calls the engine back."""

    name: str
    """Unique; a `$management` request names the receiver on whose behalf it comes."""
    credit: int
    """How many more messages it wants; `deliver` takes one away."""
    deletes: bool
    """Whether receiving is the settlement: receive-and-delete instead of peek-lock."""

    def deliver(self, message: Message, lock: Lock | None) -> None:
        """Take a message, with its lock unless the consumer deletes."""


class SessionConsumer(Consumer, Protocol):
    """A receiver of a queue that requires sessions."""

    def granted(self, session: "Session") -> None:
        """Learn which session is locked for it."""

    def refused(self, cause: EngineError) -> None:
        """Learn that no session was free in time."""

    def lost(self, cause: EngineError) -> None:
        """Learn that the session's lock expired."""
