"""Messages on `intake` that a source file reads: the same mapping as for webhooks, no side door.

Whoever may send to the queue is known to Service Bus, so there is nothing to verify; a source has
to say that it takes messages at all.
"""

from dataclasses import dataclass

from shared.changes.problems import Problem, RequestRefused
from shared.messaging.received import Received
from shared.webhooks.admission import Admission
from shared.webhooks.payload import of_message
from shared.webhooks.sources import Sources


@dataclass(frozen=True, slots=True)
class SourceMessages:
    """Admits what sources make of messages."""

    sources: Sources
    admission: Admission

    async def admit(self, name: str, message: Received) -> None:
        """Make the changes that the message asks for; raises RequestRefused, Fault."""
        loaded = self.sources.find(name)
        if loaded is None or not loaded.source.queue:
            detail = "SluiceSource names no enabled source that takes messages (queue: true)."
            raise RequestRefused(422, [Problem("unknown-source", "", detail)])
        await self.admission.admit(loaded, of_message(loaded.source, message))
