"""What is done with a message on `changes`."""

from dataclasses import dataclass

from shared.messaging.guard import guarded
from shared.messaging.instructions import Instruction, Reject
from shared.messaging.messages import Message, Nudge
from shared.messaging.received import Received, fresh_id, original_id
from shared.processing.process import Processor


@dataclass(frozen=True, slots=True)
class ChangesMessages:
    """Processes the operation that a message names."""

    processor: Processor

    async def handle(self, message: Received) -> None:
        """Do the next thing; raises Rejected for a message that belongs in the dead letters."""
        try:
            nudge = Nudge.read(message.body)
        except ValueError:
            nudge = None
        by = original_id(message.id)

        async def work() -> Instruction:
            if nudge is None:
                return Reject("not-ours", "The message does not name an operation and a turn.")
            return await self.processor.process(nudge, by)

        async def give_up(error: Exception) -> Instruction:
            if nudge is None:
                raise error
            return await self.processor.give_up(nudge, by, error)

        def copy(failures: int) -> Message:
            return message.again(failures, message_id=fresh_id(message.id))

        await guarded(
            work,
            failures=message.failures,
            copy=copy,
            give_up=give_up,
            sender=self.processor.use.sender,
            clock=self.processor.use.clock,
        )
