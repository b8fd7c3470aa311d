"""A message on `intake` that cannot be accepted: its reason is recorded, then it is rejected.

A body that may hold a password must not stay anywhere, and the dead-letter queue would keep it. So
such a message is replaced by one without its body, which is dead-lettered in its stead.
"""

from dataclasses import dataclass

from shared.changes.document import may_hold_password
from shared.changes.problems import RequestRefused
from shared.clock import Clock
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.messages import INTAKE, Message, Sender, refusal_outcome
from shared.messaging.received import Received
from shared.records.ports import Refusal, Refusals

REFUSED = "SluiceRefused"
"""The application property of a replacement: the code it was refused with."""


@dataclass(frozen=True, slots=True)
class Refuser:
    """Says no to a message without losing why."""

    refusals: Refusals
    sender: Sender
    clock: Clock

    async def refuse(self, message: Received, refused: RequestRefused) -> Instruction:
        """Record the reason, tell whoever asked, and reject the message."""
        now = self.clock()
        await self.refusals.put(Refusal(INTAKE, message.id, refused.problems, now))
        await self.sender.send(refusal_outcome(message.id, refused.problems, now))
        return await self.reject(message, refused.first.code, refused.first.detail)

    async def reject(self, message: Received, code: str, detail: str) -> Instruction:
        """Reject the message, or what is sent in its stead."""
        if may_hold_password(message.body):
            await self.sender.send(_replacement(message.id, code))
            return Done()
        return Reject(code, detail)


def _replacement(message_id: str, code: str) -> Message:
    return Message(
        queue=INTAKE,
        id=message_id,
        body=b"{}",
        subject="refused",
        correlation=message_id,
        properties={REFUSED: code},
    )
