"""What the use cases need of the dead-letter queues."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.messaging.received import Received


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """A message in the dead-letter queue of `message.queue`, and the broker's word on why.

    `in_bytes` is false for a body that is an AMQP value or sequence: the host gives no function
    such a message, and it is empty here.
    """

    message: Received
    sequence_number: int
    enqueued_at: datetime | None
    delivery_count: int
    reason: str
    description: str
    in_bytes: bool = True


type Handler = Callable[[DeadMessage], Awaitable[bool]]
"""Takes one locked message; true completes it, false leaves it where it is."""


class DeadLetterQueues(Protocol):
    """The dead-letter sub-queues of the app's queues."""

    def browse(self, queue: str) -> AsyncIterator[DeadMessage]:
        """All of them, oldest first, without locking any."""

    async def drain(self, queue: str, wanted: Collection[int], handle: Handler) -> None:
        """Lock the messages with these sequence numbers and hand them over."""
