"""All messages of one queue by sequence number, the alarms set on them, and the notes of both."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from itertools import islice

from local.broker.clock import Clock, Timer
from local.broker.engine.errors import MessageNotFoundError
from local.broker.engine.journal import Journal
from local.broker.engine.message import Message


class Inventory:
    """Whatever changes here is noted in the journal in the same step."""

    def __init__(self, queue: str, clock: Clock, journal: Journal, last_sequence: int) -> None:
        self._queue = queue
        self._clock = clock
        self._journal = journal
        self._last_sequence = last_sequence
        self._messages: dict[int, Message] = {}
        self._order: list[int] = []
        """Their numbers in order; those that are gone are left out now and then."""
        self._alarms: dict[int, Timer] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages.values())

    def next_sequence(self) -> int:
        """Give out a sequence number; none is given out twice, not even after a restart."""
        self._last_sequence += 1
        self._journal.save_sequence(self._queue, self._last_sequence)
        return self._last_sequence

    def get(self, sequence: int) -> Message:
        """Find a message. Raises MessageNotFoundError."""
        message = self._messages.get(sequence)
        if message is None:
            raise MessageNotFoundError(f"there is no message {sequence}")
        return message

    def restore(self, message: Message) -> None:
        """Hold a message that the journal knows already."""
        self._hold(message)

    def save(self, message: Message) -> None:
        """Hold a message, or note what changed about it."""
        self._hold(message)
        self._journal.save_message(self._queue, message)

    def remove(self, message: Message) -> None:
        """Drop a message and its alarm."""
        del self._messages[message.sequence]
        self._journal.delete_message(self._queue, message.sequence)
        alarm = self._alarms.pop(message.sequence, None)
        if alarm is not None:
            alarm.cancel()
        if len(self._order) > 2 * len(self._messages) + 64:
            self._order = sorted(self._messages)

    def alarm(self, message: Message, when: int, callback: Callable[[Message], None]) -> None:
        """Call back with the message at `when`, unless it is gone by then. One alarm each."""

        def ring() -> None:
            del self._alarms[message.sequence]
            callback(message)

        self._alarms[message.sequence] = self._clock.call_at(when, ring)

    def find(self, first: int, count: int, session_id: str | None) -> list[Message]:
        """Give up to `count` messages from sequence number `first` on, in order."""
        numbers = islice(self._order, bisect_left(self._order, first), None)
        messages = (self._messages[number] for number in numbers if number in self._messages)
        wanted = (each for each in messages if session_id in (None, each.session_id))
        return list(islice(wanted, count))

    def _hold(self, message: Message) -> None:
        if message.sequence not in self._messages:
            place = bisect_left(self._order, message.sequence)
            if self._order[place : place + 1] != [message.sequence]:
                insort(self._order, message.sequence)
        self._messages[message.sequence] = message
