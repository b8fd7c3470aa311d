"""Receivers without a network, and short ways to say what an engine test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.broker.engine.message import Publication

if TYPE_CHECKING:
    from local.broker.engine.errors import EngineError
    from local.broker.engine.message import Lock, Message
    from local.broker.engine.queue import Queue
    from local.broker.engine.sessions import Session


class Receiver:
    """A consumer that keeps what it gets."""

    def __init__(self, name: str = "receiver", *, credit: int = 0, deletes: bool = False) -> None:
        self.name = name
        self.credit = credit
        self.deletes = deletes
        self.messages: list[Message] = []
        self.locks: list[Lock] = []
        self.session: Session | None = None
        self.refusals: list[EngineError] = []
        self.losses: list[EngineError] = []

    def deliver(self, message: Message, lock: Lock | None) -> None:
        self.credit -= 1
        self.messages.append(message)
        if lock is not None:
            self.locks.append(lock)

    def granted(self, session: Session) -> None:
        self.session = session

    def refused(self, cause: EngineError) -> None:
        self.refusals.append(cause)

    def lost(self, cause: EngineError) -> None:
        self.losses.append(cause)

    @property
    def ids(self) -> list[str]:
        return [message.message_id for message in self.messages]


def receive(queue: Queue, count: int = 100, *, deletes: bool = False) -> Receiver:
    """Take what is ready from a queue without sessions, and leave."""
    receiver = Receiver(credit=count, deletes=deletes)
    queue.dispatch(queue.add_consumer(receiver))
    queue.remove_consumer(receiver)
    return receiver


def receive_session(queue: Queue, session_id: str | None, count: int = 100) -> Receiver:
    """Lock a session and take what is ready; the session stays locked."""
    receiver = Receiver(credit=count)
    queue.accept_session(receiver, session_id, timeout=1000)
    if receiver.session is not None:
        queue.dispatch(receiver.session)
    return receiver


def publish(queue: Queue, *ids: str, **properties: object) -> list[int]:
    """Publish one message for each id."""
    return queue.publish(
        [Publication(content=b"", message_id=each, **properties) for each in ids]  # type: ignore[arg-type]
    )
