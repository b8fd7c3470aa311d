"""What the policy says to a request when it comes in, from wherever it comes.

rules ──> denied: nothing is recorded, the refusal names the rule
  │
  └─ allowed ──> budgets ──> brakes ──> recorded with the name of what decided, to go on or held
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.changes.operation import HELD_BY_POLICY, Decision, Failure, Operation
from shared.changes.problems import Problem, RequestRefused
from shared.changes.states import State
from shared.policy import rules, windows
from shared.policy.document import SOURCE_BUDGET, Budget, Days, Limit, PolicyDocument
from shared.policy.document import Decision as Says
from shared.policy.limits import Limits
from shared.policy.policy_file import PolicyFile
from shared.policy.ports import Held, HeldChange
from shared.policy.rules import Verdict
from shared.policy.subject import Asker, Subject

DENIED, DENIED_STATUS = "policy-denied", 403

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides on requests by the policy file, and on how many by what was counted."""

    file: PolicyFile
    limits: Limits
    held: Held

    def examine(self, request: Mapping[str, Any], asker: Asker) -> Verdict:
        """What the file says to a canonical request. Raises RequestRefused (403) and PolicyError.

        Counts nothing: a request that is asked about only does not use anything up.
        """
        verdict = rules.decide(self.file.policy().document, Subject.of(request, asker))
        if verdict.decision is Says.DENY:
            _log_denied(verdict.rule, asker, request)
            raise RequestRefused(DENIED_STATUS, [_denied(verdict.rule)])
        return verdict

    def denials(self, requests: Iterable[Mapping[str, Any]], asker: Asker) -> Mapping[int, Problem]:
        """What the file denies of many canonical requests that come as one, by their number.

        Raises PolicyError. Counts nothing. Only the first is logged: there may be thousands.
        """
        document, found = self.file.policy().document, dict[int, Problem]()
        for number, request in enumerate(requests):
            verdict = rules.decide(document, Subject.of(request, asker))
            if verdict.decision is Says.DENY:
                if not found:
                    _log_denied(verdict.rule, asker, request)
                found[number] = _denied(verdict.rule)
        return found

    def counts(self, asker: Asker) -> bool:
        """Whether a budget or a brake is for this asker."""
        document = self._for(asker)
        limited: tuple[Limit, ...] = (*document.budgets, *document.brakes)
        return any(rules.concerns(each.sources, asker.source) for each in limited)

    async def judged(
        self, operation: Operation, asker: Asker, verdict: Verdict, now: datetime
    ) -> Operation:
        """The new operation with the decision on it: to go on, in its time, or held."""
        holding: str | None = verdict.rule
        if verdict.decision is Says.ALLOW:
            limits = self._for(asker)
            holding = await self.limits.holding(limits, asker.source, operation.device)
        if holding is None:
            decided = self._decided(operation, Says.ALLOW, verdict.rule, now)
            return _in_time(decided, verdict.windows, now)
        await self.held.add(HeldChange(operation.id, holding, now))
        kind = operation.request["operation"]
        _log.warning("change held rule=%s source=%s operation=%s", holding, asker.source, kind)
        failure = Failure(HELD_BY_POLICY, f"The policy of this Sluice holds it ({holding}).", now)
        decided = self._decided(operation, Says.HOLD, holding, now)
        return replace(decided.moved(State.HELD, now, holding), due_at=None, failure=failure)

    def _for(self, asker: Asker) -> PolicyDocument:
        """The file, before whose budgets goes the one that the asker's source has set itself."""
        document = self.file.policy().document
        if asker.budget is None:
            return document
        own = Budget(name=SOURCE_BUDGET, sources=(asker.source,), changesPerHour=asker.budget)
        return document.model_copy(update={"budgets": (own, *document.budgets)})

    def _decided(self, operation: Operation, says: Says, rule: str, now: datetime) -> Operation:
        return replace(
            operation, decision=Decision(str(says), rule, self.file.policy().digest, now)
        )


def _denied(rule: str) -> Problem:
    """What is wrong with what a rule denies: names the rule and no value."""
    return Problem(DENIED, "", f"The policy of this Sluice does not allow it ({rule}).")


def _log_denied(rule: str, asker: Asker, request: Mapping[str, Any]) -> None:
    source, operation = asker.source, request["operation"]
    _log.warning("policy denied rule=%s source=%s operation=%s", rule, source, operation)


def _in_time(operation: Operation, within: tuple[Days, ...], now: datetime) -> Operation:
    """Held until a window of the rule opens, if none is open by the time that it asks for."""
    if operation.to_be_planned:
        return operation
    asked = operation.due_at or now
    opens = windows.opens(within, asked)
    if opens == asked:
        return operation
    return replace(operation.moved(State.HELD, now, "not before"), due_at=opens)
