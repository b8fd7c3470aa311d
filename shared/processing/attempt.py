"""One invocation's work on one operation that is first in its line.

Before a write is sent, the record says that it will be (a Submission). Whoever comes after a crash
finds it there and looks at the device before sending anything again.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from shared.changes.addresses import is_final
from shared.changes.operation import Approval, Json, Operation, Submission
from shared.changes.states import State
from shared.faults import NeedsApproval, Permanent, Transient
from shared.graph.effects import Reading, Verdict
from shared.graph.values import difference
from shared.messaging.instructions import Done, Instruction, RetryAfter
from shared.messaging.messages import nudge
from shared.planning.plan import plan_of, require_planned
from shared.processing.dependencies import Dependencies
from shared.processing.settle import first_in_line, settle

_LINE_IS_FULL = timedelta(seconds=30)


class Attempt:
    """Apply and verify, as far as this invocation gets. Raises Overtaken."""

    def __init__(self, use: Dependencies, operation: Operation) -> None:
        self._use = use
        self._operation = operation
        self._effect = use.graph.effect(operation.request)
        self._writing = False

    async def run(self) -> Instruction:
        """Go on until the operation ends or has to wait."""
        try:
            async with asyncio.timeout(self._use.patience.deadline):
                return await self._advance()
        except Permanent as error:
            if self._writing:  # Graph refused it, so nothing happened
                released = self._released(in_doubt=False)
                self._operation = replace(self._operation, submission=released)
            if isinstance(error, NeedsApproval) and error.approval_code:
                return await self._hold(error.approval_code)
            return await self._fail(error.code, error.detail)
        except Transient as error:
            return await self._try_again(error)
        except TimeoutError:
            detail = "The invocation ran out of time."
            return await self._try_again(Transient("deadline", detail, in_doubt=True))

    async def _advance(self) -> Instruction:
        if self._operation.state is State.APPLIED:
            return await self._verify()
        return await self._apply() or await self._verify()

    # ── apply ──

    async def _apply(self) -> Instruction | None:
        """Write what differs; None when the write is out and wants verifying."""
        if expired := self._expired():
            return await self._end(State.EXPIRED, expired)
        if waiting := await self._stand_in_line():
            return waiting
        reading = await self._effect.read()
        submission = self._operation.submission
        if submission and submission.in_doubt:
            if self._effect.judge(submission, reading) is not Verdict.ABSENT:
                self._applied("found applied")
                return None
            shows_by = submission.at + timedelta(seconds=self._effect.settle_seconds)
            if shows_by > self._now():
                return await self._come_again(shows_by)
        needed = self._effect.needed(reading)
        if plan := self._operation.request.get("plan"):
            require_planned(plan, plan_of(self._effect, reading, needed))
        if not needed:
            self._operation = replace(self._operation, before=reading.values, after=reading.values)
            return await self._end(State.UNCHANGED)
        if (reverses := self._operation.reverses) and difference(reverses.after, reading.values):
            detail = "The values are no longer those that the change left behind."
            raise Permanent("changed-since", detail)
        await self._announce(reading)
        self._writing = True
        await self._effect.write(*self._approved(needed))
        self._writing = False
        self._applied()
        return None

    def _approved(self, needed: Json) -> tuple[Json, str | None]:
        """What to write, and the code of its approval.

        An approval is for the identical write, so that one is repeated. When it would no longer
        do, because somebody changed more of the target, Graph is asked anew.
        """
        approval = self._operation.approval
        if approval is None or difference(needed, approval.write):
            return needed, None
        return approval.write, approval.code

    async def _announce(self, reading: Reading) -> None:
        """Record the write before it is sent; what an unsettled earlier one found stays."""
        now, earlier = self._now(), self._operation.submission
        keep = earlier if earlier and earlier.in_doubt else None
        submission = Submission(
            at=now,
            claimed_until=now + timedelta(seconds=self._use.patience.claim),
            marker=keep.marker if keep else reading.marker,
        )
        operation = self._operation.moved(State.APPLYING, now)
        before = operation.before if keep else reading.values
        await self._save(replace(operation, submission=submission, before=before, due_at=None))

    def _applied(self, detail: str = "") -> None:
        """Not saved yet: verifying may end the change in the same write."""
        operation = self._operation.moved(State.APPLIED, self._now(), detail)
        self._operation = replace(operation, attempts=0, submission=self._released(in_doubt=False))

    # ── order ──

    async def _stand_in_line(self) -> Instruction | None:
        """Be the first in line; the first one of all finds out whose line it is."""
        if waiting := await self._wait_in_line():
            return waiting
        address = self._operation.device
        if is_final(address):
            return None
        device = await self._effect.device()
        if device is None or device == address:
            return None
        await self._use.lines.move(address, device)
        return await self._wait_in_line()

    async def _wait_in_line(self) -> Instruction | None:
        line = await self._use.lines.enter(self._operation.device, self._operation.id)
        self._operation = replace(self._operation, device=line.device)
        if self._operation.id not in line.operations:
            return await self._come_again(self._now() + _LINE_IS_FULL)
        first = await first_in_line(self._use, line)
        if first is None or first.id == self._operation.id:
            self._operation = replace(self._operation, waiting_for=None)
            return None
        if line.operations[0] != first.id:
            # Whom this one led out of the line has ended, maybe without waking the next.
            again = f"after-{line.operations[0]}"
            await self._use.sender.send(nudge(first, again=again))
        if self._operation.waiting_for != first.id:
            await self._save(replace(self._operation, waiting_for=first.id))
        return Done()

    # ── verify ──

    async def _verify(self) -> Instruction:
        submission = self._operation.submission
        first_look = self._operation.checks == 0 and self._operation.due_at is None
        if submission is None or (first_look and not self._effect.checks_at_once):
            return await self._check_later()
        reading = await self._effect.read()
        self._operation = replace(self._operation, after=reading.values)
        match self._effect.judge(submission, reading):
            case Verdict.CONFIRMED:
                return await self._end(State.VERIFIED)
            case Verdict.REFUSED:
                return await self._fail(reading.code, reading.detail, refused=True)
            case Verdict.ABSENT | Verdict.RUNNING:
                return await self._check_later()

    async def _check_later(self) -> Instruction:
        patience, checks = self._use.patience, self._operation.checks
        waits = patience.read_back if self._effect.checks_at_once else patience.action
        if checks >= len(waits):
            detail = f"Graph took it, and {checks} looks did not show it done."
            return await self._fail("not-confirmed", detail)
        self._operation = replace(self._operation, checks=checks + 1)
        return await self._come_again(self._now() + timedelta(seconds=waits[checks]))

    # ── the end, or another turn ──

    async def _try_again(self, error: Transient) -> Instruction:
        attempts = self._operation.attempts + 1
        if self._writing:
            released = self._released(in_doubt=error.in_doubt)
            self._operation = replace(self._operation, submission=released)
        if attempts >= self._use.patience.attempts_after(error):
            doubtful = self._in_doubt or self._operation.state is State.APPLIED
            doubt = " It may have been applied." if doubtful else ""
            detail = f"{attempts} attempts; the last: {error.code}: {error.detail}{doubt}"
            return await self._fail("attempts-exhausted", detail)
        self._operation = replace(self._operation, attempts=attempts)
        delay = self._use.patience.retry_delay(attempts, error.retry_after)
        return await self._come_again(self._now() + delay, f"{error.code}: {error.detail}")

    async def _hold(self, approval_code: str) -> Instruction:
        """Wait for a person to release the change; what comes first ends the wait in vain."""
        now = self._now()
        expires = now + timedelta(seconds=self._use.patience.approval)
        approval = Approval(approval_code, self._effect.sent, now, expires)
        held = self._operation.moved(State.HELD, now, "needs approval")
        self._operation = replace(held, approval=approval, attempts=0)
        _, closes = held.window
        return await self._come_again(min(expires, closes or expires))

    async def _come_again(self, at: datetime, detail: str = "") -> Instruction:
        """Make the next turn, due at that time: first on record, then as a message."""
        operation = self._operation
        if detail:
            operation = operation.moved(operation.state, self._now(), detail)
        operation = replace(operation, turn=operation.turn + 1, due_at=at)
        if operation.submission:
            operation = replace(operation, submission=self._released(in_doubt=self._in_doubt))
        await self._save(operation)
        return RetryAfter(nudge(self._operation, at=at))

    async def _fail(self, code: str, detail: str, *, refused: bool = False) -> Instruction:
        """End in failure. What was taken and never proven stays in doubt, unless `refused`.

        A redrive then looks for it before it writes again.
        """
        taken = self._operation.state is State.APPLIED
        released = self._released(in_doubt=not refused and (taken or self._in_doubt))
        failed = self._operation.failed(code, detail, self._now())
        await self._save(replace(failed, submission=released))
        return await settle(self._use, self._operation)

    async def _end(self, state: State, detail: str = "") -> Instruction:
        ended = self._operation.moved(state, self._now(), detail)
        await self._save(replace(ended, due_at=None, waiting_for=None))
        return await settle(self._use, self._operation)

    async def _save(self, operation: Operation) -> None:
        calls = tuple(self._effect.calls)
        self._effect.calls.clear()
        self._operation = await self._use.operations.save(operation.noting(calls))

    def _released(self, *, in_doubt: bool) -> Submission | None:
        """The submission with its claim given up: this invocation is done with it."""
        submission = self._operation.submission
        if submission is None:
            return None
        until = min(submission.claimed_until, self._now())
        return replace(submission, claimed_until=until, in_doubt=in_doubt)

    @property
    def _in_doubt(self) -> bool:
        submission = self._operation.submission
        return submission is not None and submission.in_doubt

    def _expired(self) -> str | None:
        """Why it is too late to write; a write in doubt is looked for at any time."""
        _, closes = self._operation.window
        if closes is not None and self._now() >= closes and not self._in_doubt:
            return "The window closed before it was applied."
        # Released in time, it would not be held any more.
        if self._operation.awaits_approval:
            return "Nobody released it with its approval in time."
        return None

    def _now(self) -> datetime:
        return self._use.clock()
