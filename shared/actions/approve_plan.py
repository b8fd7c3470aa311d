"""Approve a plan: an approved ticket carries the hash of the plan, and the change goes on."""

from collections.abc import Collection
from dataclasses import replace

from shared.actions.decide import Dependencies, decide
from shared.actions.release import go_on, let_go
from shared.changes.operation import Operation
from shared.changes.problems import Problem, RequestRefused


def check_hash(operation: Operation, hashes: Collection[str]) -> None:
    """Raise RequestRefused (422) when the ticket carries hashes, and not that of the plan."""
    if _waits(operation) and operation.planned and operation.planned.hash not in hashes:
        detail = "The ticket carries the hash of another plan than the one that was made."
        raise RequestRefused(422, [Problem("another-plan", "/plan/hash", detail)])


async def approve_plan(use: Dependencies, change: str, hashes: Collection[str]) -> Operation:
    """Let the change go on as it was planned, if one of these is the hash of its plan.

    Doing it again does nothing. Raises RequestRefused (404).
    """

    def decision(operation: Operation) -> Operation:
        planned = operation.planned
        if not _waits(operation) or planned is None or planned.hash not in hashes:
            return operation
        approved = replace(planned, approved_at=use.clock())
        going = let_go(operation, use.clock(), "plan approved", window=False)
        return replace(going, planned=approved)

    operation = await decide(use, change, decision)
    if operation.planned and operation.planned.approved_at and not operation.state.ended:
        await go_on(use, operation)
    return operation


def _waits(operation: Operation) -> bool:
    return operation.awaits_person and operation.awaits_plan_approval
