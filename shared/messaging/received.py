"""A message that came in, as the use cases know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.messaging.guard import FAILURES
from shared.messaging.messages import Message


def known_as(message_id: str | None, sequence_number: int | None) -> str:
    """What a message is called: its id or, where its sender gave none, its place in the queue.

    Service Bus leaves the id to the sender. The sequence number is the same at each delivery.
    """
    return message_id or f"sequence-{sequence_number}"


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery of one Service Bus message. `id` is never empty, see `known_as`."""

    queue: str
    id: str
    body: bytes
    session: str | None
    subject: str | None
    correlation: str | None
    content_type: str | None
    properties: Mapping[str, Any]

    @property
    def failures(self) -> int:
        """How many faults of ours this message has met so far."""
        count = self.properties.get(FAILURES, 0)
        return count if isinstance(count, int) else 0

    def again(self, failures: int, *, message_id: str | None = None) -> Message:
        """The same message, to be sent once more."""
        return Message(
            queue=self.queue,
            id=message_id or self.id,
            body=self.body,
            session=self.session,
            subject=self.subject,
            correlation=self.correlation,
            content_type=self.content_type or "application/json",
            properties={**self.properties, FAILURES: failures},
        )
