"""One invocation's work on one operation: what all kinds of operations do alike.

An operation may begin when it is the first in the line of every thing that it will touch. It
enters them one after another, names before accounts before devices and those by address, and the
next one only when it is the first in the last: so no two operations ever wait for each other.

    device   the line that it entered when it was accepted
    also     those that it found out about later; on record before they are entered, so that the
             end of the operation leaves them, whatever happens in between
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from shared.changes.operation import (
    HELD_BY_POLICY,
    Decision,
    Failure,
    GraphCall,
    Operation,
    Submission,
)
from shared.changes.states import State
from shared.faults import Permanent, Transient
from shared.messaging.instructions import Done, Instruction, RetryAfter
from shared.messaging.messages import nudge
from shared.policy.clearance import NotNow
from shared.processing.patience import Patience
from shared.processing.settle import Reach as End
from shared.processing.settle import await_person, first_in_line, leave_lines, settle
from shared.quota.priority import working_for
from shared.telemetry.line import note
from shared.telemetry.metrics import moved

_LINE_IS_FULL = timedelta(seconds=30)

_log = logging.getLogger(__name__)


class Reach(End, Protocol):
    """What a turn reaches the world through."""

    @property
    def patience(self) -> Patience:
        """How long to wait, how often."""


class Turn:
    """Carries an operation as far as this invocation gets.

    Subclasses say how: `advance` does the work, `refused` and `disturbed` decide what a fault
    means for it.
    """

    def __init__(self, use: Reach, operation: Operation) -> None:
        self._use = use
        self._operation = self._on_record = operation
        self.calls: list[GraphCall] = []
        """The calls to Graph that are not on record yet."""

    async def run(self) -> Instruction:
        """Go on until the operation ends or has to wait. Raises Overtaken and TimeoutError."""
        try:
            deadline = self._use.patience.deadline
            # A call that is cut short may have been sent: what has waited needs time to be done.
            waits_until = self.now() + timedelta(seconds=deadline / 2)
            with working_for(self._operation.source, waits_until):
                async with asyncio.timeout(deadline):
                    return await self.advance()
        except Permanent as error:
            return await self.refused(error)
        except Transient as error:
            return await self.disturbed(error)
        except TimeoutError:
            if self._on_record.state.ended or self._on_record.awaits_person:
                # Nothing but telling it was cut short. Another turn would take it up again.
                raise
            detail = "The invocation ran out of time."
            return await self.disturbed(Transient("deadline", detail, in_doubt=True))

    async def advance(self) -> Instruction:
        """The work. Raises Fault."""
        raise NotImplementedError

    async def refused(self, error: Permanent) -> Instruction:
        """Repeating changes nothing."""
        return await self.fail(error.code, error.detail)

    async def disturbed(self, error: Transient) -> Instruction:
        """It may go on later; after so many tries it fails."""
        if error.waits:
            return await self.come_again(self.after_waiting(error))
        attempts, patience = self._operation.attempts + 1, self._use.patience
        alike = self._told_of(error) + 1
        if attempts >= patience.most_attempts or alike >= patience.attempts_after(error):
            return await self.exhausted(attempts, error)
        self._operation = replace(self._operation, attempts=attempts)
        delay = patience.retry_delay(attempts, error.retry_after)
        return await self.come_again(self.now() + delay, f"{error.code}: {error.detail}")

    def _told_of(self, error: Transient) -> int:
        """How many of the tries of this step so far ended in the same fault."""
        tries = [step.detail for step in self._operation.timeline if ": " in step.detail]
        of_this_step = tries[len(tries) - self._operation.attempts :]
        return sum(detail.startswith(f"{error.code}: ") for detail in of_this_step)

    def after_waiting(self, error: Transient) -> datetime:
        """When to come again after a wait: spread, for others wait for the same."""
        seconds = error.retry_after or 1.0
        return self.now() + timedelta(seconds=seconds * (1 + self._use.patience.jitter() / 4))

    async def exhausted(self, attempts: int, error: Transient) -> Instruction:
        """The last try was in vain."""
        doubt = " It may have been applied." if self._operation.write_may_be_out else ""
        detail = f"{attempts} attempts; the last: {error.code}: {error.detail}{doubt}"
        return await self.fail("attempts-exhausted", detail)

    async def give_up(self, error: Exception) -> Instruction:
        """Nothing but faults of our own came of it, again and again.

        The reason names the kind of fault only: its text may hold anything. What has many steps
        must not end between two of them.
        """
        detail = f"Sluice failed on it again and again: {type(error).__name__}. See the logs."
        if self._operation.progress and self._operation.write_may_be_out:
            return await self.hold("internal-error", detail)
        return await self.fail("internal-error", detail)

    # ── order ──

    async def wait_at(self, address: str, *, standing: bool = True) -> Instruction | None:
        """Stand in a line; what to do meanwhile, None once the operation is the first there.

        `standing` as in `Lines.enter`: accepted, it stands in the line of its device.
        """
        me = self._operation
        line = await self._use.lines.enter(address, me.id, me.turn, standing=standing)
        if address == self._operation.device:
            self._operation = replace(self._operation, device=line.device)
        if self._operation.id not in line.operations:
            return await self.come_again(self.now() + _LINE_IS_FULL)
        first = await first_in_line(self._use, line)
        if first is None or first.id == self._operation.id:
            self._operation = replace(self._operation, waiting_for=None)
            return None
        if line.operations[0] != first.id:
            # Whom this one led out of the line has ended, maybe without waking the next.
            again = f"after-{line.operations[0]}"
            await self._use.sender.send(nudge(first, again=again))
        # Written each time: who has this message as well, and is late, must not carry it on.
        await self.save(replace(self._operation, waiting_for=first.id))
        return Done()

    async def wait_also_at(self, addresses: Iterable[str]) -> Instruction | None:
        """Stand in further lines, in an order that is the same for everybody."""
        wanted = tuple(sorted(set(addresses)))
        stood = self._operation.also
        standing = stood == wanted
        if stood and not standing:
            # Left first: who keeps a place while entering an earlier one may wait in a circle. And
            # entered at the next turn: who leaves late, at this one, takes nobody out of there.
            again = f"without-{self._operation.id}.{self._operation.turn}"
            await leave_lines(self._use, self._operation, stood, again=again)
            self._operation = replace(self._operation, also=())
            return await self.come_again(self.now())
        if not standing:
            await self.save(replace(self._operation, also=wanted))
        for address in wanted:
            if waiting := await self.wait_at(address, standing=standing):
                return waiting
        return None

    async def wait_where_it_moved(self, device: str) -> Instruction | None:
        """Its line turned out to be this device's: take everybody there, and wait there."""
        moved = await self._use.lines.move(self._operation.device, device)
        self._operation = replace(self._operation, device=moved)
        return await self.wait_at(moved)

    # ── the end, or another turn ──

    async def come_again(self, at: datetime, detail: str = "") -> Instruction:
        """Make the next turn, due at that time: first on record, then as a message."""
        operation = self._operation
        if detail:
            operation = operation.moved(operation.state, self.now(), detail)
        released = self.released()
        await self.save(replace(operation, turn=operation.turn + 1, due_at=at, submission=released))
        return RetryAfter(nudge(self._operation, at=at))

    async def keep_back(self, not_now: NotNow) -> Instruction:
        """Not yet, by the policy: held until it is time to ask again; it keeps its place."""
        # Released with its approval, it must not look as if it waited for that still.
        if self._operation.state is State.ACCEPTED and self._operation.approval is None:
            self._operation = self._operation.moved(State.HELD, self.now(), not_now.code)
            _log.warning("change held rule=%s operation=%s", not_now.code, self._operation.id)
        return await self.come_again(not_now.again)

    async def fail(self, code: str, detail: str) -> Instruction:
        """End in failure, with the reason on record before anybody hears of it."""
        failed = self._operation.failed(code, detail, self.now())
        await self.save(replace(failed, submission=self.released()))
        return await settle(self._use, self._operation)

    async def hold(self, code: str, detail: str) -> Instruction:
        """Wait for a person, with the reason on record before anybody hears of it."""
        now = self.now()
        held = replace(
            self._operation.moved(State.HELD, now, code),
            failure=Failure(code, detail, now),
            approval=None,
            due_at=None,
            waiting_for=None,
            submission=self.released(),
        )
        await self.save(held)
        return await await_person(self._use, self._operation)

    async def object(self, decision: Decision) -> Instruction:
        """The policy protects what it is for: it fails, or a person decides.

        Nothing is written yet, so it gives up its places: others need not wait for the person.
        """
        self._operation = replace(self._operation, decision=decision)
        detail = f"The policy of this Sluice protects what it is for ({decision.rule})."
        if decision.outcome == "deny":
            return await self.fail("policy-denied", detail)
        _log.warning("change held rule=%s operation=%s", decision.rule, self._operation.id)
        return await self.hold(HELD_BY_POLICY, detail)

    async def end(self, state: State, detail: str = "") -> Instruction:
        """End in this state."""
        ended = self._operation.moved(state, self.now(), detail)
        await self.save(replace(ended, due_at=None, waiting_for=None))
        return await settle(self._use, self._operation)

    async def save(self, operation: Operation) -> None:
        """Write the record with the calls that were made. Raises Overtaken."""
        calls = tuple(self.calls)
        self.calls.clear()
        saved = await self._use.operations.save(operation.noting(calls))
        moved(self._on_record, saved)
        note(state=saved.state, attempts=saved.attempts or None)
        self._operation = self._on_record = saved

    def released(self, *, in_doubt: bool | None = None) -> Submission | None:
        """The submission with its claim given up: this invocation is done with it."""
        submission = self._operation.submission
        if submission is None:
            return None
        until = min(submission.claimed_until, self.now())
        doubt = submission.in_doubt if in_doubt is None else in_doubt
        return replace(submission, claimed_until=until, in_doubt=doubt)

    def now(self) -> datetime:
        """The time."""
        return self._use.clock()
