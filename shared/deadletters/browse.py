"""Dead letters with the reason that Sluice recorded: the broker only knows that it gave up."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.deadletters.ports import DeadLetterQueues, DeadMessage
from shared.messaging.messages import CHANGES, OUTCOMES, Nudge
from shared.messaging.received import original_id
from shared.records.ports import Operations, Refusals

_NOT_BYTES = "The body is an AMQP value or sequence, which no function gets. Send JSON as bytes."
_NOT_OURS = "The message does not name a change that is on record."


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead message, the operation it belongs to, and why it is dead."""

    dead: DeadMessage
    operation: Operation | None
    code: str
    detail: str

    @property
    def id(self) -> str:
        """What people call it: the operation's id, or the message id where there is none."""
        if self.operation:
            return self.operation.id
        message = self.dead.message
        return original_id(message.id) if message.queue == OUTCOMES else message.id


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Joins the dead-letter queues with the records."""

    queues: DeadLetterQueues
    operations: Operations
    refusals: Refusals

    async def browse(self, queue: str) -> AsyncIterator[DeadLetter]:
        """The dead letters of a queue, oldest first."""
        async for dead in self.queues.browse(queue):
            yield await self.explain(dead)

    async def explain(self, dead: DeadMessage) -> DeadLetter:
        """A dead message with what is on record of it."""
        if not dead.in_bytes:
            return DeadLetter(dead, None, "not-bytes", _NOT_BYTES)
        if dead.message.queue != CHANGES:
            refusal = await self.refusals.get(dead.message.queue, dead.message.id)
            if refusal:
                first = refusal.problems[0]
                return DeadLetter(dead, None, first.code, f"{first.pointer} {first.detail}".strip())
        operation = await self._operation(dead)
        if operation is None and dead.message.queue == CHANGES:
            return DeadLetter(dead, None, "not-ours", _NOT_OURS)
        if operation and operation.failure and operation.state is State.FAILED:
            return DeadLetter(dead, operation, operation.failure.code, operation.failure.detail)
        detail = dead.description
        if operation:
            detail = f"{detail} The operation is {operation.state}.".strip()
        return DeadLetter(dead, operation, dead.reason, detail)

    async def _operation(self, dead: DeadMessage) -> Operation | None:
        if dead.message.queue != CHANGES:
            return None
        try:
            nudge = Nudge.read(dead.message.body)
        except ValueError:
            return None
        return await self.operations.get(nudge.operation)
