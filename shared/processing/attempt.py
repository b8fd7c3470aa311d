"""One invocation's work on one operation that is first in its line.

Before a write is sent, the record says that it will be (a Submission). Whoever comes after a crash
finds it there and looks at the device before sending anything again.
"""

from dataclasses import replace
from datetime import timedelta

from shared.changes.addresses import is_final, is_name
from shared.changes.known_as import KnownAs
from shared.changes.operation import Approval, Decision, Json, Operation, Submission
from shared.changes.states import State
from shared.faults import NeedsApproval, Permanent, Transient
from shared.graph.effects import Reading, Verdict
from shared.graph.values import difference
from shared.messaging.instructions import Instruction
from shared.planning.plan import NOT_APPROVED, plan_of, require_planned
from shared.processing.dependencies import Dependencies
from shared.processing.turn import Turn


class Attempt(Turn):
    """Apply and verify one write, as far as this invocation gets."""

    def __init__(self, use: Dependencies, operation: Operation) -> None:
        super().__init__(use, operation)
        self._graph, self._clearance = use.graph, use.clearance
        self._effect = use.graph.effect(operation.routed)
        self.calls = self._effect.calls
        self._writing = False
        self._unsettled: Submission | None = None
        """An earlier write of this change that nobody knows the end of, while another is sent."""

    async def advance(self) -> Instruction:
        """Verify what is out, else apply first."""
        if self._operation.state is State.APPLIED:
            return await self._verify()
        return await self._apply() or await self._verify()

    async def refused(self, error: Permanent) -> Instruction:
        """Graph, or a rule of ours, does not let it happen."""
        if self._writing:
            self._operation = replace(self._operation, submission=self._not_taken())
        if isinstance(error, NeedsApproval) and error.approval_code:
            return await self._hold(error.approval_code)
        return await self.fail(error.code, error.detail)

    async def disturbed(self, error: Transient) -> Instruction:
        """Try again, or give it up."""
        if self._writing:
            submission = self.released() if error.in_doubt else self._not_taken()
            self._operation = replace(self._operation, submission=submission)
        return await super().disturbed(error)

    def _not_taken(self) -> Submission | None:
        """What is on record of writes that this one, which did not happen, says nothing of."""
        return self._unsettled or self.released(in_doubt=False)

    # ── apply ──

    async def _apply(self) -> Instruction | None:
        """Write what differs; None when the write is out and wants verifying."""
        if expired := self._expired():
            return await self.end(State.EXPIRED, expired)
        if waiting := await self._allowed_to_look():
            return waiting
        reading = await self._effect.read()
        submission = self._operation.submission
        if submission and submission.in_doubt:
            if self._effect.judge(submission, reading) is not Verdict.ABSENT:
                self._applied("found applied")
                return None
            shows_by = submission.at + timedelta(seconds=self._effect.settle_seconds)
            if shows_by > self.now():
                return await self.come_again(shows_by)
        needed = self._effect.needed(reading)
        for agreed in self._agreed:
            require_planned(agreed, plan_of(self._effect, reading, needed))
        if not needed:
            self._operation = replace(self._operation, before=reading.values, after=reading.values)
            return await self.end(State.UNCHANGED)
        return await self._write(reading, needed)

    async def _allowed_to_look(self) -> Instruction | None:
        """Until it is its turn, by the policy and in its line. A write in doubt is looked for."""
        if self._operation.awaits_plan_approval:
            # Whatever brought it here, nobody has agreed to what it would write.
            return await self.hold(*NOT_APPROVED)
        if not self._in_doubt and (waiting := await self._not_now()):
            return waiting
        if waiting := await self._stand_in_line():
            return waiting
        objection = None if self._in_doubt else await self._objection()
        return await self.object(objection) if objection else None

    async def _write(self, reading: Reading, needed: Json) -> Instruction | None:
        if (reverses := self._operation.reverses) and difference(reverses.after, reading.values):
            detail = "The values are no longer those that the change left behind."
            raise Permanent("changed-since", detail)
        if self._in_doubt and (waiting := await self._not_now()):
            return waiting
        await self._announce(reading)
        self._writing = True
        await self._effect.write(*self._approved(needed))
        self._writing = False
        self._applied()
        return None

    async def _not_now(self) -> Instruction | None:
        not_now = await self._clearance.not_now(self._operation)
        return await self.keep_back(not_now) if not_now else None

    async def _objection(self) -> Decision | None:
        """What protects the target, whatever the request calls it."""
        clearance, operation = self._clearance, self._operation
        if not clearance.protects:
            return None
        known = KnownAs.of(operation.request) | KnownAs.of(operation.routed)
        known |= KnownAs.at(operation.device) | await self._effect.known_as()
        return await clearance.objection(operation, known)

    @property
    def _agreed(self) -> list[str]:
        """The hashes of the plans that it is bound to."""
        planned = self._operation.planned
        hashes = (self._operation.request.get("plan"), planned and planned.hash)
        return [each for each in hashes if each]

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
        now, earlier = self.now(), self._operation.submission
        keep = self._unsettled = earlier if earlier and earlier.in_doubt else None
        submission = Submission(
            at=now,
            claimed_until=now + timedelta(seconds=self._use.patience.claim),
            marker=keep.marker if keep else reading.marker,
        )
        operation = self._operation.moved(State.APPLYING, now)
        before = operation.before if keep else reading.values
        await self.save(replace(operation, submission=submission, before=before, due_at=None))

    def _applied(self, detail: str = "") -> None:
        """Not saved yet: verifying may end the change in the same write."""
        operation = self._operation.moved(State.APPLIED, self.now(), detail)
        self._operation = replace(operation, attempts=0, submission=self.released(in_doubt=False))

    # ── order ──

    async def _stand_in_line(self) -> Instruction | None:
        """Be the first in line; the first one of all finds out whose line it is."""
        if waiting := await self.wait_at(self._operation.device):
            return waiting
        await self._find_target()
        address = self._operation.device
        if is_final(address):
            return None
        device = await self._effect.device()
        if device is None or device == address:
            return None
        if is_name(address):
            # The name may be another device's tomorrow, so its line stays what it is.
            return await self.wait_also_at([device])
        return await self.wait_where_it_moved(device)

    async def _find_target(self) -> None:
        """Find what the names in the request are names of, unless a write is out there.

        The record has it before anything is written. Names are looked up anew at each try, and
        must not have come to mean another device meanwhile.
        """
        operation = self._operation
        if operation.resolved and operation.write_may_be_out:
            return
        target = await self._graph.target(operation.request, self.calls)
        if target == operation.routed["target"]:
            return
        if operation.resolved:
            detail = "The names in the target are another device's by now; ask for a new change."
            raise Permanent("target-changed", detail)
        self._operation = replace(operation, resolved=target)
        self._effect = self._graph.effect(self._operation.routed)
        self._effect.calls = self.calls

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
                return await self.end(State.VERIFIED)
            case Verdict.REFUSED:
                return await self.fail(reading.code, reading.detail, refused=True)
            case Verdict.ABSENT | Verdict.RUNNING:
                return await self._check_later()

    async def _check_later(self) -> Instruction:
        patience, checks = self._use.patience, self._operation.checks
        waits = patience.read_back if self._effect.checks_at_once else patience.action
        if checks >= len(waits):
            detail = f"Graph took it, and {checks} looks did not show it done."
            return await self.fail("not-confirmed", detail)
        self._operation = replace(self._operation, checks=checks + 1)
        return await self.come_again(self.now() + timedelta(seconds=waits[checks]))

    # ── the end ──

    async def _hold(self, approval_code: str) -> Instruction:
        """Wait for a person to release the change; what comes first ends the wait in vain."""
        now = self.now()
        expires = now + timedelta(seconds=self._use.patience.approval)
        approval = Approval(approval_code, self._effect.sent, now, expires)
        held = self._operation.moved(State.HELD, now, "needs approval")
        # An earlier write that was in doubt would have needed it as well.
        settled = self.released(in_doubt=False)
        self._operation = replace(held, approval=approval, attempts=0, submission=settled)
        _, closes = held.window
        return await self.come_again(min(expires, closes or expires))

    async def fail(self, code: str, detail: str, *, refused: bool = False) -> Instruction:
        """End in failure. What was taken and never proven stays in doubt, unless `refused`.

        A redrive then looks for it before it writes again.
        """
        doubt = not refused and self._operation.write_may_be_out
        self._operation = replace(self._operation, submission=self.released(in_doubt=doubt))
        return await super().fail(code, detail)

    def _expired(self) -> str | None:
        """Why it is too late to write; a write in doubt is looked for at any time."""
        _, closes = self._operation.window
        if closes is not None and self.now() >= closes and not self._in_doubt:
            return "The window closed before it was applied."
        # Released in time, it would not be held any more.
        if self._operation.awaits_approval:
            return "Nobody released it with its approval in time."
        return None

    @property
    def _in_doubt(self) -> bool:
        submission = self._operation.submission
        return submission is not None and submission.in_doubt
