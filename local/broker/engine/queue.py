"""One queue: every rule about what happens to a message between arriving and being gone."""

from collections.abc import Sequence
from uuid import UUID

from local.broker.clock import Clock
from local.broker.engine.admission import Admission
from local.broker.engine.consumers import Consumer, SessionConsumer
from local.broker.engine.errors import (
    MessageNotFoundError,
    NotAllowedError,
)
from local.broker.engine.inventory import Inventory
from local.broker.engine.journal import Journal
from local.broker.engine.lane import Lane
from local.broker.engine.locks import Locks
from local.broker.engine.message import (
    Abandon,
    Complete,
    DeadLetter,
    Defer,
    Lock,
    Message,
    MessageState,
    Outcome,
    Publication,
    Release,
)
from local.broker.engine.sessions import Session, Sessions
from local.broker.engine.settings import QueueSettings

MAX_DELIVERY_COUNT_EXCEEDED = "MaxDeliveryCountExceeded"
TTL_EXPIRED = "TTLExpiredException"


class Queue:
    """A queue, or a dead-letter queue, which is a queue that has none itself."""

    def __init__(
        self,
        settings: QueueSettings,
        clock: Clock,
        journal: Journal,
        dead_letters: "Queue | None" = None,
    ) -> None:
        self.settings = settings
        self.dead_letters = dead_letters
        self._clock = clock
        self._lane = Lane()
        self._locks = Locks(clock, self._lock_expired)
        self.sessions = Sessions(
            settings.name,
            clock,
            journal,
            lock_duration=settings.lock_duration,
            released=self._session_released,
        )
        snapshot = journal.load(settings.name)
        self.messages = Inventory(settings.name, clock, journal, snapshot.last_sequence)
        self._admission = Admission(settings, clock, journal, snapshot.duplicates)
        for record in snapshot.sessions:
            self.sessions.restore(record)
        for message in snapshot.messages:
            self.messages.restore(message)
            self._enter(message)

    # Arriving

    def publish(self, publications: Sequence[Publication]) -> list[int]:
        """Take all of the messages, or none. Returns their sequence numbers.

        A duplicate is taken without an error, and dropped, as the service does.
        Raises NotAllowedError, MessageTooLargeError.
        """
        for publication in publications:
            self._admission.check(publication)
        sequences = []
        for publication in publications:
            sequence = self.messages.next_sequence()
            message = self._admission.admit(publication, sequence)
            if message is not None:
                self._add(message)
            sequences.append(sequence)
        return sequences

    def cancel_scheduled(self, sequences: Sequence[int]) -> None:
        """Remove messages that are still scheduled, all or none. Raises MessageNotFoundError."""
        for message in self._in_state(sequences, MessageState.SCHEDULED):
            self._remove(message)

    def _activate(self, message: Message) -> None:
        self._remove(message)
        message.sequence = self.messages.next_sequence()
        message.state = MessageState.ACTIVE
        message.enqueued_at = self._clock.now()
        self._add(message)

    # Receiving

    def add_consumer(self, consumer: Consumer) -> Lane:
        """Let a receiver take part. Raises NotAllowedError if the queue requires sessions."""
        if self.settings.requires_session:
            raise NotAllowedError("the queue requires sessions: name one, or ask for the next")
        self._lane.consumers.append(consumer)
        return self._lane

    def remove_consumer(self, consumer: Consumer) -> None:
        """Let go of a receiver; what it has locked stays locked until it is settled or expires."""
        self._lane.consumers.remove(consumer)

    def accept_session(
        self, consumer: SessionConsumer, session_id: str | None, timeout: int
    ) -> None:
        """Lock a session for a receiver: the one it names, or the next one with messages.

        Raises NotAllowedError, SessionCannotBeLockedError.
        """
        if not self.settings.requires_session:
            raise NotAllowedError("the queue has no sessions")
        if session_id is None:
            self.sessions.accept_next(consumer, timeout)
        else:
            self.sessions.accept(consumer, session_id)

    def dispatch(self, lane: Lane) -> None:
        """Hand ready messages to receivers with credit."""
        lane.dispatch(self._hand_over)

    def _hand_over(self, sequence: int, consumer: Consumer) -> None:
        message = self.messages.get(sequence)
        if consumer.deletes:
            consumer.deliver(message, None)
            self._remove(message)
        else:
            consumer.deliver(message, self._lock(message))

    def receive_deferred(
        self, sequences: Sequence[int], *, session_id: str | None, receiver: str | None
    ) -> list[Lock]:
        """Lock deferred messages, all or none.

        Raises MessageNotFoundError, and SessionLockLostError if the session is not held.
        """
        if self.settings.requires_session:
            self.sessions.held(session_id or "", receiver)
        messages = self._in_state(sequences, MessageState.DEFERRED)
        for message in messages:
            if self._locks.holds(message) or session_id not in (None, message.session_id):
                raise MessageNotFoundError(f"message {message.sequence} cannot be received")
        return [self._lock(message) for message in messages]

    def _in_state(self, sequences: Sequence[int], state: MessageState) -> list[Message]:
        messages = [self.messages.get(sequence) for sequence in dict.fromkeys(sequences)]
        for message in messages:
            if message.state is not state:
                raise MessageNotFoundError(
                    f"message {message.sequence} is not {state.name.lower()}"
                )
        return messages

    # Locks

    def _lock(self, message: Message) -> Lock:
        if self.settings.requires_session:
            session = self._session(message)
            return self._locks.take(message, session.locked_until, timed=False)
        until = self._clock.now() + self.settings.lock_duration
        return self._locks.take(message, until, timed=True)

    def renew_locks(self, tokens: Sequence[UUID]) -> list[int]:
        """Lock messages for another full duration, all or none. Returns until when, each.

        Raises MessageLockLostError, and NotAllowedError where the session has the lock.
        """
        if self.settings.requires_session:
            raise NotAllowedError("in a queue with sessions, renew the session's lock")
        until = self._clock.now() + self.settings.lock_duration
        for lock in [self._locks.get(token) for token in tokens]:
            self._locks.renew(lock, until)
        return [until] * len(tokens)

    def _lock_expired(self, lock: Lock) -> None:
        self.settle(lock.token, Abandon())

    def _session_released(self, session: Session, expired: bool) -> None:
        # Microsoft, "Message sessions": only an expired lock counts as a delivery.
        outcome = Abandon() if expired else Release()
        for lock in self._locks.of_session(session.session_id):
            self.settle(lock.token, outcome)

    # Settling

    def settle(self, token: UUID, outcome: Outcome) -> None:
        """End a lock with what became of its message. Raises MessageLockLostError."""
        lock = self._locks.get(token)
        self._locks.drop(lock)
        message = lock.message
        match outcome:
            case Complete():
                self._remove(message)
            case DeadLetter():
                self._dead_letter(message, outcome)
            case Release():
                self._offer(message)
            case Abandon():
                self._abandon(message)
            case Defer():
                message.delivery_count += 1
                message.state = MessageState.DEFERRED
                self.messages.save(message)
                self._offer(message)

    def settle_all(self, tokens: Sequence[UUID], outcome: Outcome) -> None:
        """Settle several messages, all or none. Raises MessageLockLostError."""
        unique = dict.fromkeys(tokens)
        for token in unique:
            self._locks.get(token)
        for token in unique:
            self.settle(token, outcome)

    def _abandon(self, message: Message) -> None:
        message.delivery_count += 1
        limit = self.settings.max_delivery_count
        if limit is not None and message.delivery_count >= limit:
            self._dead_letter(
                message,
                DeadLetter(
                    MAX_DELIVERY_COUNT_EXCEEDED,
                    f"Message could not be consumed after {limit} delivery attempts.",
                ),
            )
        else:
            self.messages.save(message)
            self._offer(message)

    # Holding and leaving

    def _add(self, message: Message) -> None:
        self.messages.save(message)
        self._enter(message)

    def _enter(self, message: Message) -> None:
        if self.settings.requires_session:
            self._session(message).size += 1
        if message.state is MessageState.SCHEDULED:
            self.messages.alarm(message, message.scheduled_for or 0, self._activate)
            return
        expiry = self._expiry(message)
        if expiry is not None:
            self.messages.alarm(message, expiry, self._expire)
        self._offer(message)

    def _offer(self, message: Message) -> None:
        """Let an unlocked message be received, unless its time is over."""
        expiry = self._expiry(message)
        if expiry is not None and expiry <= self._clock.now():
            self._expire(message)
        elif message.state is MessageState.ACTIVE:
            lane = self._lane_of(message)
            lane.add(message.sequence)
            if isinstance(lane, Session):
                self.sessions.offer(lane)
            self.dispatch(lane)

    def _expiry(self, message: Message) -> int | None:
        """When a message's time is over; in a dead-letter queue it never is."""
        return None if self.dead_letters is None else message.expires_at

    def _expire(self, message: Message) -> None:
        if self._locks.holds(message):
            return  # Its receiver may still settle it; otherwise its time is over at the unlock.
        if self.settings.dead_lettering_on_message_expiration:
            self._dead_letter(
                message, DeadLetter(TTL_EXPIRED, "The message expired and was dead lettered.")
            )
        else:
            self._remove(message)

    def _dead_letter(self, message: Message, cause: DeadLetter) -> None:
        self._remove(message)
        message.dead_letter_reason = cause.reason
        message.dead_letter_description = cause.description
        message.state = MessageState.ACTIVE
        # What is dead-lettered in a dead-letter queue stays there.
        (self.dead_letters or self)._add(message)  # noqa: SLF001 - another queue, same class

    def _remove(self, message: Message) -> None:
        self.messages.remove(message)
        lane = self._lane_of(message)
        lane.discard(message.sequence)
        if isinstance(lane, Session):
            lane.size -= 1
            self.sessions.offer(lane)

    def _lane_of(self, message: Message) -> Lane:
        return self._session(message) if self.settings.requires_session else self._lane

    def _session(self, message: Message) -> Session:
        return self.sessions.get(message.session_id or "")
