"""A dry run: read what is there, tell what would be written, and write nothing, not even a record.

It passes the gate of every request first, so that what would not be accepted has no plan either.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.changes.request import ChangeRequest
from shared.faults import Permanent, Transient
from shared.graph.effects import Graph
from shared.intake.accept import Intake
from shared.planning.make import make_plan
from shared.planning.plan import Plan, require_planned
from shared.policy.subject import Asker
from shared.quota.priority import working_for


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
            waits_until = self.intake.clock() + timedelta(seconds=self.deadline / 2)
            with working_for(asker.source, waits_until):
                async with asyncio.timeout(self.deadline):
                    plan = await make_plan(self.graph, asked, [])
        except TimeoutError:
            raise Transient("deadline", f"No answer within {self.deadline:g} seconds.") from None
        return _held_to(asked.get("plan"), plan)


def _held_to(expected: str | None, plan: Plan) -> Plan:
    try:
        require_planned(expected, plan)
    except Permanent as refusal:
        return replace(plan, refusal=plan.refusal or refusal)
    return plan
