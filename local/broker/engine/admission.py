"""What a queue lets in, and what it makes of it."""

from local.broker.clock import Clock
from local.broker.engine.duplicates import DuplicateHistory
from local.broker.engine.errors import MessageTooLargeError, NotAllowedError
from local.broker.engine.journal import Journal
from local.broker.engine.message import MAX_MESSAGE_SIZE, Message, MessageState, Publication
from local.broker.engine.settings import QueueSettings


class Admission:
    """The rules for messages that arrive at one queue."""

    def __init__(
        self, settings: QueueSettings, clock: Clock, journal: Journal, seen: dict[str, int]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        window = settings.duplicate_detection_history_time_window
        self._history = None if window is None else DuplicateHistory(window, seen)

    def check(self, publication: Publication) -> None:
        """Raise NotAllowedError or MessageTooLargeError if the queue does not take it."""
        if self._settings.requires_session and publication.session_id is None:
            raise NotAllowedError("a queue that requires sessions takes no message without one")
        size = len(publication.content)
        if size > MAX_MESSAGE_SIZE:
            raise MessageTooLargeError(f"{size} bytes are more than {MAX_MESSAGE_SIZE}")

    def admit(self, publication: Publication, sequence: int) -> Message | None:
        """Make the message that the queue holds; None for a duplicate."""
        now = self._clock.now()
        if self._is_duplicate(publication.message_id, now):
            return None
        later = publication.scheduled_for is not None and publication.scheduled_for > now
        # A message can ask for a shorter life than the queue's messages have, not for a longer.
        limits = (publication.time_to_live, self._settings.default_message_time_to_live)
        return Message(
            sequence=sequence,
            enqueue_sequence=sequence,
            content=publication.content,
            message_id=publication.message_id,
            session_id=publication.session_id,
            enqueued_at=now,
            time_to_live=min((each for each in limits if each is not None), default=None),
            state=MessageState.SCHEDULED if later else MessageState.ACTIVE,
            scheduled_for=publication.scheduled_for,
        )

    def _is_duplicate(self, message_id: str, now: int) -> bool:
        if self._history is None:
            return False
        for forgotten in self._history.forget_old(now):
            self._journal.delete_duplicate(self._settings.name, forgotten)
        if self._history.contains(message_id, now):
            return True
        self._history.add(message_id, now)
        self._journal.save_duplicate(self._settings.name, message_id, now)
        return False
