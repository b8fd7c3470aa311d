"""Duplicate detection: which message ids a queue has seen lately."""

from collections import deque
from collections.abc import Iterator


class DuplicateHistory:
    """Message ids and when they came."""

    def __init__(self, window: int, seen: dict[str, int]) -> None:
        self._window = window
        self._seen = seen
        # Oldest first. Looking for the first key of a dict that lost many goes over all of those.
        self._order = deque(seen.items())

    def contains(self, message_id: str, now: int) -> bool:
        """Tell whether the id came within the window."""
        at = self._seen.get(message_id)
        return at is not None and at > now - self._window

    def add(self, message_id: str, now: int) -> None:
        """Remember the id."""
        self._seen[message_id] = now
        self._order.append((message_id, now))

    def forget_old(self, now: int) -> Iterator[str]:
        """Drop, and give, the ids that left the window."""
        while self._order and self._order[0][1] <= now - self._window:
            message_id, at = self._order.popleft()
            if self._seen.get(message_id) == at:
                del self._seen[message_id]
                yield message_id
