"""The end of a change that is a part of a bulk change, as that one counts it."""

from dataclasses import dataclass

from shared.changes.operation import Operation
from shared.records.ports import TargetResult, TargetResults


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """Leaves a row for the parent, whose record it does not touch. Implements Ended."""

    results: TargetResults

    async def __call__(self, operation: Operation) -> None:
        """Safe to repeat."""
        if parent := operation.parent:
            await self.results.put(parent.change, TargetResult.of(operation, parent.index))
