"""Send a dead letter on its way again, once.

    record (failed ─> accepted, next turn) ──> send ──> complete the dead letter

Whoever comes second finds the next turn on the record and only finishes what a crash left undone:
the message of a turn has one id, and `changes` takes it once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.changes.operation import Operation, Planned
from shared.changes.states import State
from shared.clock import Clock
from shared.deadletters.browse import DeadLetter, DeadLetters
from shared.deadletters.ports import DeadMessage
from shared.intake.refuse import REFUSED
from shared.messaging.messages import CHANGES, OUTCOMES, Nudge, Sender, nudge
from shared.messaging.received import TRIES, Received, fresh_id
from shared.records.ports import Operations, Overtaken, TargetResult, TargetResults

_NOT_KEPT = ("DeadLetterReason", "DeadLetterErrorDescription", TRIES)
"""What the broker added, and what counts how often it was tried before."""


class Result(StrEnum):
    """What became of one dead letter."""

    REDRIVEN = "redriven"
    ALREADY = "already redriven"
    IMPOSSIBLE = "cannot be redriven"
    BUSY = "changed meanwhile, try again"


@dataclass(frozen=True, slots=True)
class Redriver:
    """Redrives dead letters. Safe to interrupt and to repeat."""

    letters: DeadLetters
    operations: Operations
    results: TargetResults
    sender: Sender
    clock: Clock

    async def redrive(self, queue: str, only: str | None = None) -> list[tuple[str, Result]]:
        """Redrive all dead letters of a queue, or only those with that id; what became of each."""
        results: list[tuple[str, Result]] = []
        # Only what is dead now: a letter that dies again meanwhile is for the next time.
        wanted = {
            letter.dead.sequence_number
            async for letter in self.letters.browse(queue)
            if only in (None, letter.id)
        }

        async def handle(dead: DeadMessage) -> bool:
            letter = await self.letters.explain(dead)
            result = await self._one(letter)
            results.append((letter.id, result))
            return result in (Result.REDRIVEN, Result.ALREADY)

        await self.letters.queues.drain(queue, wanted, handle)
        return results

    async def _one(self, letter: DeadLetter) -> Result:
        message = letter.dead.message
        if message.queue == CHANGES:
            if letter.operation is None:
                return Result.IMPOSSIBLE
            return await self._operation(letter.operation, message)
        if REFUSED in message.properties or not letter.dead.in_bytes:
            return Result.IMPOSSIBLE  # its body was not kept, or will never be taken
        # `outcomes` drops an id that it has seen; on `intake` it is the key of the request.
        message_id = fresh_id(message.id) if message.queue == OUTCOMES else message.id
        copy = message.again(0, message_id=message_id)
        kept = {name: value for name, value in copy.properties.items() if name not in _NOT_KEPT}
        await self.sender.send(replace(copy, properties=kept))
        return Result.REDRIVEN

    async def _operation(self, operation: Operation, message: Received) -> Result:
        if Nudge.read(message.body).turn < operation.turn:
            if not operation.state.ended:
                await self._send_on(operation)
            return Result.ALREADY
        if operation.state is not State.FAILED:
            # The host gave up on a message, not Sluice on the operation: it goes on where it was,
            # and if it has ended, its end may not be settled yet.
            # Called as the letter is: whoever still works on that may yet let it fail.
            await self.sender.send(replace(nudge(operation), id=fresh_id(message.id)))
            return Result.REDRIVEN
        fresh = replace(
            operation.moved(State.ACCEPTED, self.clock(), "redriven"),
            # Whoever sends it again means what the names are by now; a write may be out, though.
            resolved=operation.resolved if operation.write_may_be_out else None,
            planned=_planned(operation),
            failure=None,
            approval=None,
            attempts=0,
            checks=0,
            due_at=None,
            waiting_for=None,
            turn=operation.turn + 1,
        )
        try:
            saved = await self.operations.save(fresh)
        except Overtaken:
            return Result.BUSY
        await self._send_on(saved)
        return Result.REDRIVEN

    async def _send_on(self, operation: Operation) -> None:
        """Let it go on as its record says; its bulk change knows of it before. Safe to repeat."""
        if parent := operation.parent:
            await self.results.reopen(parent.change, TargetResult.of(operation, parent.index))
        await self.sender.send(nudge(operation, at=operation.due_at))


def _planned(operation: Operation) -> Planned | None:
    """Its approved plan; one that nobody approved, or that holds no longer, is made anew."""
    planned, failure = operation.planned, operation.failure
    if planned is None:
        return None
    overtaken = failure is not None and failure.code == "plan-changed"
    return planned if planned.approved_at and not overtaken else Planned()
