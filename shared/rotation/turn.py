"""What the steps of a rotation share: how far it is, its record, and what a fault means.

Until the directory is told, a fault ends the rotation and nothing has happened. From then on it
ends in one of three ways only: verified, reversed, or held for a person who sees who has which
password.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.changes.operation import Approval, Json, Operation, Submission
from shared.changes.states import State
from shared.faults import NeedsApproval, Permanent, Transient
from shared.messaging.instructions import Instruction
from shared.processing.turn import Turn
from shared.rotation.dependencies import Dependencies
from shared.rotation.progress import Progress


class RotationTurn(Turn):
    """One invocation's work on a rotation."""

    def __init__(self, use: Dependencies, operation: Operation) -> None:
        super().__init__(use, operation)
        self.use = use
        self.progress = Progress.read(operation.progress) if operation.progress else None
        self.held_write: Json = {}
        """The action that Intune may want approved, without its password."""

    @property
    def operation(self) -> Operation:
        """The record as it is known now."""
        return self._operation

    @property
    def at(self) -> Progress:
        """How far it has come, behind the gate."""
        if self.progress is None:
            raise LookupError("the rotation has not passed its gate")
        return self.progress

    # ── what is known, and what is on record ──

    def know(self, progress: Progress) -> None:
        """Remember it; on record it comes with the next write."""
        self.progress = progress
        self._operation = replace(self._operation, progress=progress.write())

    async def record(self, progress: Progress, state: State) -> None:
        """Put on record what is about to be done, and keep other invocations off while it is."""
        self.know(progress)
        now = self.now()
        claimed_until = now + timedelta(seconds=self.use.patience.claim)
        submission = Submission(now, claimed_until, in_doubt=progress.touched)
        operation = self._operation
        if operation.state is not state:
            operation = operation.moved(state, now, progress.step)
        await self.save(replace(operation, submission=submission, due_at=None, failure=None))

    def not_taken(self, before: Progress) -> None:
        """What was to be done has surely not happened: it is all as before."""
        self.know(before)
        submission = self.released(in_doubt=before.touched)
        self._operation = replace(self._operation, submission=submission)

    def applied(self) -> None:
        """Everybody is told; what follows is looking. On record with the next write."""
        operation = self._operation.moved(State.APPLIED, self.now(), self.at.sends)
        self._operation = replace(operation, attempts=0, checks=0)

    def approved(self) -> None:
        """The approval has served; another write needs one of its own."""
        self._operation = replace(self._operation, approval=None)

    def promoted(self, version: str | None) -> None:
        """Name the passwords before and after by their versions."""
        name, previous = self.at.secret, self.at.previous
        self._operation = replace(
            self._operation,
            before={"passwordSecret": {"name": name, "version": previous}},
            after={"passwordSecret": {"name": name, "version": version}},
        )

    def next_look(self) -> timedelta:
        """The wait before the next look: longer each time."""
        looks, checks = self.use.waits.looks, self._operation.checks
        self._operation = replace(self._operation, checks=checks + 1)
        return timedelta(seconds=looks[min(checks, len(looks) - 1)])

    def confirm_by(self) -> datetime:
        """Until when the devices may confirm, counted from now."""
        return self.now() + timedelta(hours=self.at.account.confirmWithinHours)

    # ── faults ──

    async def refused(self, error: Permanent) -> Instruction:
        """Nothing has happened, or it is undone, or a person is asked."""
        if self.progress is None or not self.progress.touched:
            return await self.fail(error.code, error.detail)
        if isinstance(error, NeedsApproval) and error.approval_code:
            return await self._hold_for_approval(error.approval_code)
        return await self.unconfirmed(error.code, error.detail)

    async def disturbed(self, error: Transient) -> Instruction:
        """Behind the first touch time decides how long to try, not the number of tries."""
        if self.progress is None or not self.progress.touched:
            return await super().disturbed(error)
        if self.at.confirm_by and self.now() >= self.at.confirm_by:
            return await self.unconfirmed(error.code, error.detail)
        if error.waits:
            return await self.come_again(self.after_waiting(error))
        attempts = self._operation.attempts + 1
        self._operation = replace(self._operation, attempts=attempts)
        delay = self.use.patience.retry_delay(min(attempts, _MOST_GROWTH), error.retry_after)
        return await self.come_again(self.now() + delay, f"{error.code}: {error.detail}")

    async def unconfirmed(self, code: str, detail: str) -> Instruction:
        """Go back to the previous password if the account says so and there is one; else hold."""
        progress = self.at
        wanted = progress.account.whenUnconfirmed == "reverse"
        if progress.undoing or progress.previous is None or not wanted:
            return await self.hold(code, detail)
        # What was approved, or waits for it, is the way there.
        self._operation = replace(self._operation, state=State.APPLYING, approval=None)
        self.know(progress.undone(code, self.confirm_by()))
        return await self.come_again(self.now(), f"{code}: it is undone")

    async def _hold_for_approval(self, approval_code: str) -> Instruction:
        now = self.now()
        expires = now + timedelta(seconds=self.use.patience.approval)
        held = self._operation.moved(State.HELD, now, "needs approval")
        approval = Approval(approval_code, self.held_write, now, expires)
        self._operation = replace(held, approval=approval, attempts=0)
        return await self.come_again(expires)


_MOST_GROWTH = 12
"""Tries after which the delay grows no more: it has its longest by then."""
