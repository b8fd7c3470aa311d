"""The states of a change: one vocabulary in the record, the API, the logs and the console."""

from enum import StrEnum


class State(StrEnum):
    """Where a change stands. `applied` is not done: only `verified` is proven."""

    ACCEPTED = "accepted"
    HELD = "held"
    """Needs a person or a window."""
    APPLYING = "applying"
    """A write may have been sent."""
    APPLIED = "applied"
    """Graph took the write; nothing has proven it yet."""
    VERIFIED = "verified"
    UNCHANGED = "unchanged"
    """It was so already; nothing was written."""
    FAILED = "failed"
    """In the dead-letter queue, with a reason."""
    REVERSED = "reversed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Its window closed before it was written."""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless a person redrives the change."""
        return self in _ENDED


_ENDED = frozenset(
    {
        State.VERIFIED,
        State.UNCHANGED,
        State.FAILED,
        State.REVERSED,
        State.CANCELLED,
        State.EXPIRED,
    }
)
