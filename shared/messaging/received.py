"""A message that came in, as the use cases know it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.messaging.guard import FAILURES
from shared.messaging.messages import LONGEST_ID, Message

TRIES = "SluiceTries"
"""The application property that counts how often somebody else's system did not take it."""


def known_as(message_id: str | None, sequence_number: int | None) -> str:
    """What a message is called: its id or, where its sender gave none, its place in the queue.

    Service Bus leaves the id to the sender. The sequence number is the same at each delivery.
    """
    return message_id or f"sequence-{sequence_number}"


def original_id(message_id: str) -> str:
    """What the first of a message's copies was called, see `fresh_id`."""
    return message_id.partition("~")[0]


def fresh_id(message_id: str) -> str:
    """An id for one more copy: a queue that detects duplicates drops one whose id it has seen."""
    return f"{original_id(message_id)[: LONGEST_ID - 9]}~{uuid.uuid4().hex[:8]}"


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

    @property
    def tries(self) -> int:
        """How often the other system did not take what this message is to bring it."""
        count = self.properties.get(TRIES, 0)
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
