"""One message on `changes`: look at the record and do what it needs next.

    nudge ─> record ─┬─ ended ───────────────> settle again (a crash cut it short, or redelivery)
                     ├─ of an earlier turn ──> its successor is sent, if a crash prevented that
                     ├─ not due, or claimed ─> come again
                     └─ open ─> line of the device ─┬─ not first: the one before will wake it
                                                    └─ first ─> apply ─> verify ─> settle

A message carries no orders, so a copy of it can do no harm: what happens is decided by the record,
which changes only by compare and swap.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.instructions import Done, Hold, Instruction, Reject, RetryAfter
from shared.messaging.messages import Message, Nudge, nudge
from shared.messaging.received import fresh_id
from shared.processing.settle import await_person, settle
from shared.processing.turn import Reach, Turn
from shared.records.ports import Overtaken
from shared.telemetry.line import note

_EARLY = timedelta(seconds=2)
"""The broker's clock may be this far ahead of ours."""
_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Processor:
    """Carries changes from one state to the next; `begin` makes the turn of an operation."""

    use: Reach
    begin: Callable[[Operation], Turn]

    async def process(self, message: Nudge, by: str) -> Instruction:
        """Do the next thing for the operation that the message names.

        `by` is what the message is called, as are all its copies.
        """
        operation = await self.use.operations.get(message.operation)
        if operation is None:
            return Reject("not-ours", "There is no record of this operation.")
        _note_began(operation)
        if message.turn < operation.turn:
            return await self._late(operation)
        if operation.state.ended:
            instruction = await settle(self.use, operation)
            # What failed has one dead letter, whoever else was to look at it meanwhile. Where the
            # record does not say whose, a letter too many is better than none.
            return instruction if operation.carried_by in (None, by) else Done()
        if wait := await self._not_yet(operation, by):
            return wait
        try:
            return await self.begin(replace(operation, carried_by=by)).run()
        except Overtaken:
            return RetryAfter(_copy(operation, by, self.use.clock() + _SOON))

    async def give_up(self, message: Nudge, by: str, error: Exception) -> Instruction:
        """Leave an operation that nothing but faults of our own came of, again and again.

        One that waits for a person only could not say so: failing, it would forget what it waits
        for. Its message dies, and redriven says it again.
        """
        operation = await self.use.operations.get(message.operation)
        if operation is None or operation.state.ended or operation.awaits_person:
            return await self.process(message, by)
        return await Turn(self.use, replace(operation, carried_by=by)).give_up(error)

    async def _late(self, operation: Operation) -> Instruction:
        """A turn that is over ended in a crash, maybe before the message of this one was sent."""
        if not operation.state.ended:
            await self.use.sender.send(nudge(operation, at=operation.due_at))
        return Done()

    async def _not_yet(self, operation: Operation, by: str) -> Instruction | None:
        now, submission = self.use.clock(), operation.submission
        if operation.awaits_person:
            # A crash may have cut it short before it told that it waits.
            return await await_person(self.use, operation)
        if operation.due_at and operation.due_at > now + _EARLY:
            copy = _copy(operation, by, operation.due_at)
            return Hold(copy) if operation.state is State.HELD else RetryAfter(copy)
        if submission and submission.claimed_until > now:
            return RetryAfter(_copy(operation, by, submission.claimed_until))
        return None


def _note_began(operation: Operation) -> None:
    asked = operation.request["operation"]
    note(change=operation.id, operation=asked, lane=operation.lane)
    note(turn=operation.turn, was=operation.state)


def _copy(operation: Operation, by: str, at: datetime) -> Message:
    return replace(nudge(operation, at=at), id=fresh_id(by))
