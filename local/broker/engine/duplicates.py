"""Duplicate detection: which message ids a queue has seen lately."""

from collections.abc import Iterator


class DuplicateHistory:
    """Message ids and when they came, oldest first."""

    def __init__(self, window: int, seen: dict[str, int]) -> None:
        self._window = window
        self._seen = seen

    def contains(self, message_id: str, now: int) -> bool:
        """Tell whether the id came within the window."""
        at = self._seen.get(message_id)
        return at is not None and at > now - self._window

    def add(self, message_id: str, now: int) -> None:
        """Remember the id."""
        # Moved to the end: insertion order is order of time.
        self._seen.pop(message_id, None)
        self._seen[message_id] = now

    def forget_old(self, now: int) -> Iterator[str]:
        """Drop, and give, the ids that left the window."""
        while self._seen:
            message_id, at = next(iter(self._seen.items()))
            if at > now - self._window:
                return
            del self._seen[message_id]
            yield message_id
