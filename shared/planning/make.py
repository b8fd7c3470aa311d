"""Make the plan of a request: read what is there, and write nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.changes.operation import GraphCall
from shared.faults import Permanent
from shared.graph.effects import Effect, Graph
from shared.planning.plan import Plan, plan_of


async def make_plan(graph: Graph, asked: Mapping[str, Any], calls: list[GraphCall]) -> Plan:
    """The plan of a canonical request as it would be applied now; answered calls go to `calls`.

    Raises Transient where Graph or the vault cannot be asked now.
    """
    effect = graph.effect(asked)
    effect.calls = calls
    try:
        target = await graph.target(asked, calls)
        effect = graph.effect({**asked, "target": target})
        effect.calls = calls
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
