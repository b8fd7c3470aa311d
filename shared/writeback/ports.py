"""What the use case needs of a tool."""

from dataclasses import dataclass
from typing import Protocol

from shared.writeback.note import Note
from shared.writeback.outcome import Json, Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What a tool is told: the outcome, the same in words, and as it was on the queue."""

    outcome: Outcome
    note: Note
    document: Json


class Tool(Protocol):
    """Somebody else's system that is told outcomes."""

    async def tell(self, report: Report) -> None:
        """Tell it, unless it was told before. Safe to repeat after any fault.

        Raises Permanent when it will not take it, Transient when it may later.
        """
