"""The first turn of a change that its ticket has to approve: make its plan, and wait for that."""

from dataclasses import replace

from shared.changes.operation import Operation, Planned
from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.planning.make import make_plan
from shared.planning.plan import NOT_APPROVED, Outlook
from shared.processing.dependencies import Dependencies
from shared.processing.turn import Turn


class PlanTurn(Turn):
    """Reads, writes nothing, and stands in no line."""

    def __init__(self, use: Dependencies, operation: Operation) -> None:
        super().__init__(use, operation)
        self._graph = use.graph

    async def advance(self) -> Instruction:
        """Make the plan; what would fail fails, and what is so already needs no approval."""
        _, closes = self._operation.window
        if closes is not None and self.now() >= closes:
            return await self.end(State.EXPIRED, "The window closed before it was planned.")
        plan = await make_plan(self._graph, self._operation.request, self.calls)
        if plan.refusal:
            return await self.fail(plan.refusal.code, plan.refusal.detail)
        if plan.outlook is Outlook.UNCHANGED:
            return await self.end(State.UNCHANGED)
        planned = Planned(plan.hash, plan.view["plan"], self.now())
        self._operation = replace(self._operation, planned=planned)
        return await self.hold(*NOT_APPROVED)
