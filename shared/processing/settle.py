"""The end of a change: let the next one of its device go on, and say what became of it.

Everything here is safe to repeat: it runs again whenever a crash, or the redelivery of a rejected
message, brings an ended operation back.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Protocol

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.clock import Clock
from shared.messaging.instructions import Done, Instruction, Reject
from shared.messaging.messages import Sender, nudge, outcome
from shared.records.ports import Line, Lines, Operations
from shared.telemetry.metrics import moved

type Ended = Callable[[Operation], Awaitable[None]]
"""Told of every change that has ended, at least once."""


class Reach(Protocol):
    """What the end of a change reaches the world through."""

    @property
    def operations(self) -> Operations:
        """The records of all changes."""

    @property
    def lines(self) -> Lines:
        """The lines of all devices."""

    @property
    def sender(self) -> Sender:
        """The queues."""

    @property
    def ended(self) -> Ended:
        """Whoever else has to know that a change has ended."""

    @property
    def clock(self) -> Clock:
        """The time."""


async def first_in_line(use: Reach, line: Line) -> Operation | None:
    """The first of the line that goes on; those who have ended or are held by the policy leave it.

    Such a one still stands there when it is about to leave, when a repeated request put it back,
    or when the host gave up on its last message: nobody may wait for it. That may be who looks: it
    is read again, for it may have ended in other hands before it was put back.
    """
    while line.operations:
        first = await use.operations.get(line.operations[0])
        if first and not first.state.ended and not first.held_by_policy:
            return first
        known = first.turn if first else None
        line = await use.lines.leave(line.device, line.operations[0], known)
    return None


async def settle(use: Reach, operation: Operation) -> Instruction:
    """Finish with an ended operation; Reject for a failed one, whose reason is recorded by now.

    Raises Overtaken when the record of what it reverses was written by somebody else meanwhile.
    """
    if operation.state is State.VERIFIED and operation.reverses:
        await _reverse(use, operation.reverses.change, operation.id)
    await _give_way(use, operation, "after")
    await use.ended(operation)
    await use.sender.send(outcome(operation))
    if operation.state is State.FAILED and operation.failure:
        return Reject(operation.failure.code, operation.failure.detail)
    return Done()


async def await_person(use: Reach, operation: Operation) -> Instruction:
    """Say that it waits for a person; one that the policy holds lets the others go on meanwhile.

    What is held on its way keeps its places.
    """
    if operation.held_by_policy:
        await give_way(use, operation)
    await use.sender.send(outcome(operation))
    return Done()


async def give_way(use: Reach, operation: Operation) -> None:
    """Take one that the policy holds out of its lines.

    That it is held is on record before: cut short, this is done again, and nobody waits for it.
    """
    await _give_way(use, operation, "held")


async def _give_way(use: Reach, operation: Operation, why: str) -> None:
    again = f"{why}-{operation.id}.{operation.turn}"
    await leave_lines(use, operation, (operation.device, *operation.also), again=again)


async def _reverse(use: Reach, operation_id: str, reversal: str) -> None:
    """The reversal of this change is proven, so the change itself is no longer in effect."""
    reversed_ = await use.operations.get(operation_id)
    if reversed_ and reversed_.state is State.VERIFIED:
        to_reversed = reversed_.moved(State.REVERSED, use.clock(), f"by {reversal}")
        before = reversed_
        reversed_ = await use.operations.save(replace(to_reversed, reversed_by=reversal))
        moved(before, reversed_)
    if reversed_ and reversed_.reversed_by == reversal:
        await use.ended(reversed_)
        await use.sender.send(outcome(reversed_))


async def leave_lines(
    use: Reach, operation: Operation, addresses: Iterable[str], *, again: str
) -> None:
    """Step out of these lines, and wake whoever is the first there now.

    `again` is that of the messages that wake them: one that was used before wakes nobody.
    """
    for start in addresses:
        address: str | None = start
        # While its line is being moved, it may stand in two, and somebody behind it in each.
        while address:
            line = await use.lines.leave(address, operation.id, operation.turn)
            if following := await first_in_line(use, line):
                await use.sender.send(nudge(following, again=again))
            address = line.moving_to
