"""The sessions of one queue: who holds them, until when, and what state they carry."""

from collections.abc import Callable, Iterator

from local.broker.clock import Clock, Timer
from local.broker.engine.consumers import SessionConsumer
from local.broker.engine.errors import (
    NoSessionAvailableError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)
from local.broker.engine.journal import Journal, SessionRecord
from local.broker.engine.lane import Lane


class Session(Lane):
    """The messages of one session id, for at most one receiver at a time."""

    def __init__(self, session_id: str) -> None:
        super().__init__()
        self.session_id = session_id
        self.size = 0
        """How many messages it has, whatever their state."""
        self.state: bytes | None = None
        self.state_updated_at = 0
        self.holder: SessionConsumer | None = None
        self.locked_until = 0
        self.timer: Timer | None = None


class Sessions:
    """Locks sessions for receivers, and lets receivers wait for one.

    `released` is called with a session whose lock ended, and whether it ended by expiry, before
    the session is given to anybody else.
    """

    def __init__(
        self,
        queue: str,
        clock: Clock,
        journal: Journal,
        *,
        lock_duration: int,
        released: Callable[[Session, bool], None],
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._journal = journal
        self._lock_duration = lock_duration
        self._released = released
        self._sessions: dict[str, Session] = {}
        # First come, first served, on both sides.
        self._free: dict[str, Session] = {}
        self._waiting: dict[SessionConsumer, Timer] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    def get(self, session_id: str) -> Session:
        """Find a session; any id is one as soon as somebody names it."""
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = Session(session_id)
        return session

    def restore(self, record: SessionRecord) -> None:
        """Take up a session's state from the journal."""
        session = self.get(record.session_id)
        session.state, session.state_updated_at = record.state, record.updated_at

    def accept(self, consumer: SessionConsumer, session_id: str) -> None:
        """Lock a certain session. Raises SessionCannotBeLockedError."""
        session = self.get(session_id)
        if session.holder is not None:
            raise SessionCannotBeLockedError(
                f"session '{session_id}' is locked by another receiver"
            )
        self._grant(session, consumer)

    def accept_next(self, consumer: SessionConsumer, timeout: int) -> None:
        """Lock the session that has been free with messages for longest, as soon as there is one.

        After `timeout` milliseconds without one, the consumer is refused.
        """
        for session in self._free.values():
            self._grant(session, consumer)
            return

        def give_up() -> None:
            del self._waiting[consumer]
            consumer.refused(NoSessionAvailableError("no session became available in time"))

        self._waiting[consumer] = self._clock.call_at(self._clock.now() + timeout, give_up)

    def offer(self, session: Session) -> None:
        """Give a session that nobody holds to a receiver that waits, or keep it for one."""
        if session.holder is None and session:
            for consumer, timer in self._waiting.items():
                timer.cancel()
                del self._waiting[consumer]
                self._grant(session, consumer)
                return
            self._free[session.session_id] = session
        else:
            self._free.pop(session.session_id, None)
        self._prune(session)

    def leave(self, consumer: SessionConsumer, session: Session | None) -> None:
        """End a receiver's lock, or its wait for one, because it is gone."""
        timer = self._waiting.pop(consumer, None)
        if timer is not None:
            timer.cancel()
        if session is not None and session.holder is consumer:
            self._release(session, expired=False)

    def held(self, session_id: str, receiver: str | None) -> Session:
        """Find a session that is locked, by `receiver` if one is named.

        Raises SessionLockLostError.
        """
        session = self._sessions.get(session_id)
        holder = None if session is None else session.holder
        if session is None or holder is None or receiver not in (None, holder.name):
            raise SessionLockLostError(f"the lock on session '{session_id}' is lost")
        return session

    def renew(self, session: Session) -> int:
        """Lock a held session for another full duration. Returns until when."""
        if session.timer is not None:
            session.timer.cancel()
        self._set_timer(session)
        return session.locked_until

    def set_state(self, session: Session, state: bytes | None) -> None:
        """Replace a session's state; None clears it."""
        session.state = state
        session.state_updated_at = self._clock.now()
        if state is None:
            self._journal.delete_session(self._queue, session.session_id)
        else:
            record = SessionRecord(session.session_id, state, session.state_updated_at)
            self._journal.save_session(self._queue, record)

    def _grant(self, session: Session, consumer: SessionConsumer) -> None:
        self._free.pop(session.session_id, None)
        session.holder = consumer
        session.consumers.append(consumer)
        self._set_timer(session)
        consumer.granted(session)

    def _set_timer(self, session: Session) -> None:
        session.locked_until = self._clock.now() + self._lock_duration
        session.timer = self._clock.call_at(session.locked_until, lambda: self._expire(session))

    def _expire(self, session: Session) -> None:
        holder = session.holder
        self._release(session, expired=True)
        if holder is not None:
            holder.lost(SessionLockLostError(f"the lock on session '{session.session_id}' expired"))

    def _release(self, session: Session, *, expired: bool) -> None:
        if session.timer is not None:
            session.timer.cancel()
        session.timer = session.holder = None
        session.consumers.clear()
        self._released(session, expired)
        self.offer(session)

    def _prune(self, session: Session) -> None:
        if session.size == 0 and session.state is None and session.holder is None:
            self._sessions.pop(session.session_id, None)
