"""A dry run: read what is there, tell what would be written, and write nothing, not even a record.

It passes the gate of every request first, so that what would not be accepted has no plan either.
"""

import asyncio
from dataclasses import dataclass, replace

from shared.changes.operation import Json
from shared.changes.request import ChangeRequest
from shared.faults import Permanent, Transient
from shared.graph.effects import Effect, Graph
from shared.intake.accept import Intake
from shared.planning.plan import Plan, plan_of, require_planned
from shared.policy.subject import Asker


@dataclass(frozen=True, slots=True)
class DryRun:
    """Answers a request with its plan."""

    intake: Intake
    graph: Graph
    deadline: float = 10.0
    """Seconds: somebody waits for the answer."""

    async def plan(self, request: ChangeRequest, asker: Asker) -> Plan:
        """The plan of the request as it would be applied now.

        Raises RequestRefused where it would not be accepted, and Transient where Graph or the
        vault cannot be asked now.
        """
        asked = self.intake.examine(request, asker)
        try:
            async with asyncio.timeout(self.deadline):
                plan = await self._plan(asked)
        except TimeoutError:
            raise Transient("deadline", f"No answer within {self.deadline:g} seconds.") from None
        return _held_to(asked.get("plan"), plan)

    async def _plan(self, asked: Json) -> Plan:
        effect = self.graph.effect(asked)
        try:
            target = await self.graph.target(asked, effect.calls)
            effect = self.graph.effect({**asked, "target": target})
            reading = await effect.read()
            plan = plan_of(effect, reading, effect.needed(reading))
        except Permanent as refusal:
            plan = Plan(effect.way, refusal=refusal)
        return await _with_secret(effect, plan)


async def _with_secret(effect: Effect, plan: Plan) -> Plan:
    secret = await effect.check_secret()
    if secret is None:
        return plan
    return replace(plan, secret=secret, refusal=plan.refusal or secret.refusal)


def _held_to(expected: str | None, plan: Plan) -> Plan:
    try:
        require_planned(expected, plan)
    except Permanent as refusal:
        return replace(plan, refusal=plan.refusal or refusal)
    return plan
