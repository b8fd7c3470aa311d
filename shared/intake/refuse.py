"""A message on `intake` that cannot be accepted: its reason is recorded, then it is rejected.

A body that carries a password must not stay anywhere, and the dead-letter queue would keep it. So
such a message is replaced by one without its body, which is dead-lettered in its stead.
"""

from dataclasses import dataclass

from shared.changes.problems import Problem, RequestRefused
from shared.clock import Clock
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.messages import INTAKE, Message, Sender, refusal_outcome
from shared.records.ports import Refusal, Refusals

REFUSED = "SluiceRefused"
"""The application property of a replacement: the code it was refused with."""


@dataclass(frozen=True, slots=True)
class Refuser:
    """Says no to a message without losing why."""

    refusals: Refusals
    sender: Sender
    clock: Clock

    async def refuse(self, message_id: str, refused: RequestRefused) -> Instruction:
        """Record the reason, tell whoever asked, and reject the message."""
        now = self.clock()
        await self.refusals.put(Refusal(INTAKE, message_id, refused.problems, now))
        await self.sender.send(refusal_outcome(message_id, refused.problems, now))
        if refused.carries_password:
            await self.sender.send(_replacement(message_id, refused.first))
            return Done()
        return Reject(refused.first.code, refused.first.detail)


def _replacement(message_id: str, problem: Problem) -> Message:
    return Message(
        queue=INTAKE,
        id=message_id,
        body=b"{}",
        subject="refused",
        correlation=message_id,
        properties={REFUSED: problem.code},
    )
