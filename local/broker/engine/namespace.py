"""All queues of the broker, by the paths that clients use."""

from collections.abc import Iterable, Iterator

from local.broker.clock import Clock
from local.broker.engine.errors import EntityNotFoundError
from local.broker.engine.journal import Journal
from local.broker.engine.queue import Queue
from local.broker.engine.settings import QueueSettings

DEAD_LETTER_SUFFIX = "/$DeadLetterQueue"


class Namespace:
    """Queues, each with its dead-letter queue."""

    def __init__(self, queues: Iterable[QueueSettings], clock: Clock, journal: Journal) -> None:
        self._queues: dict[str, Queue] = {}
        for settings in queues:
            # A dead-letter queue is never a session queue, whatever its queue is.
            graves = QueueSettings(
                name=settings.name + DEAD_LETTER_SUFFIX,
                lock_duration=settings.lock_duration,
                max_delivery_count=None,
            )
            dead_letters = Queue(graves, clock, journal)
            queue = Queue(settings, clock, journal, dead_letters)
            self._queues[settings.name.lower()] = queue
            self._queues[graves.name.lower()] = dead_letters

    def __iter__(self) -> Iterator[Queue]:
        return iter(self._queues.values())

    def find(self, path: str) -> Queue:
        """Find a queue, whatever case its path is in. Raises EntityNotFoundError."""
        queue = self._queues.get(path.lower())
        if queue is None:
            raise EntityNotFoundError(f"the messaging entity '{path}' could not be found")
        return queue
