"""Which tools asked to be left alone, and until when."""

from dataclasses import dataclass, field
from datetime import datetime

THROTTLED = "tool-throttled"
"""The code of a fault that is a tool's limit."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Kept by each process for itself: refused calls count against the limits of the tools too."""

    _until: dict[str, datetime] = field(default_factory=dict)

    def rest(self, source: str, until: datetime) -> None:
        """Leave the tool of this source alone until then."""
        self._until[source] = max(until, self._until.get(source, until))

    def until(self, source: str, now: datetime) -> datetime | None:
        """When the tool may be called again; None for now."""
        at = self._until.get(source)
        return at if at and at > now else None
