"""What the policy is asked again before a change is written: things change while it waits.

When it was accepted, the request may have called a protected device by another name, the window
was open, and nobody had thrown the kill switch.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.changes.known_as import KnownAs
from shared.changes.operation import Decision, Operation
from shared.clock import Clock
from shared.policy import rules, windows
from shared.policy.document import KILL_SWITCH, Days
from shared.policy.document import Decision as Says
from shared.policy.kill_switch import Stop
from shared.policy.policy_file import PolicyFile
from shared.policy.ports import Held, HeldChange


@dataclass(frozen=True, slots=True)
class NotNow:
    """Why a change may not be written yet, and when to ask again."""

    code: str
    again: datetime


class Clearance(Protocol):
    """The last word of the policy."""

    async def not_now(self, operation: Operation) -> NotNow | None:
        """Why no write of it may begin now; None when one may."""

    @property
    def protects(self) -> bool:
        """Whether anything is protected, so that it is worth finding out what a target is."""

    async def objection(self, operation: Operation, known_as: KnownAs) -> Decision | None:
        """What protects the target, now that it is known, unless a person has released it."""


@dataclass(frozen=True, slots=True)
class PolicyClearance:
    """Implements Clearance. `stopped` is the wait between looks at a switch that is on."""

    file: PolicyFile
    stop: Stop
    held: Held
    clock: Clock
    stopped: timedelta

    async def not_now(self, operation: Operation) -> NotNow | None:
        """The kill switch is on, or no window of the rule that allowed it is open."""
        now = self.clock()
        if await self.stop.on():
            return NotNow(KILL_SWITCH, now + self.stopped)
        opens = windows.opens(self._windows(operation.decision), now)
        return NotNow("not before", opens) if opens > now else None

    def _windows(self, decision: Decision | None) -> tuple[Days, ...]:
        """Those of the rule, unless a person released the change or the file has no such rule."""
        if decision is None or decision.released_at:
            return ()
        rules_now = self.file.policy().document.rules
        return next((r.windows or () for r in rules_now if r.name == decision.rule), ())

    @property
    def protects(self) -> bool:
        """Whether the file protects anything."""
        return bool(self.file.policy().document.protected)

    async def objection(self, operation: Operation, known_as: KnownAs) -> Decision | None:
        """What protects the target, unless a person released the change from just that."""
        policy, decision = self.file.policy(), operation.decision
        found = rules.protecting(policy.document, known_as)
        if found is None:
            return None
        released = decision and decision.released_at and decision.rule == found.name
        if released and found.decision is Says.HOLD:
            return None
        now = self.clock()
        if found.decision is Says.HOLD:
            await self.held.add(HeldChange(operation.id, found.name, now))
        return Decision(str(found.decision), found.name, policy.digest, now)
