"""The locks on the messages of one queue."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

from local.broker.clock import Clock, Timer
from local.broker.engine.errors import MessageLockLostError
from local.broker.engine.message import Lock, Message


class Locks:
    """Locks by their token. A token is good for one lock, and dead with it."""

    def __init__(self, clock: Clock, expired: Callable[[Lock], None]) -> None:
        self._clock = clock
        self._expired = expired
        self._locks: dict[UUID, Lock] = {}
        self._timers: dict[UUID, Timer] = {}
        self._locked: set[int] = set()

    def holds(self, message: Message) -> bool:
        """Tell whether somebody has the message locked."""
        return message.sequence in self._locked

    def of_session(self, session_id: str) -> Iterator[Lock]:
        """Give the locks on a session's messages."""
        return (
            lock for lock in list(self._locks.values()) if lock.message.session_id == session_id
        )

    def take(self, message: Message, until: int, *, timed: bool) -> Lock:
        """Lock a message; `timed` unless it is the session's lock that expires."""
        lock = Lock(uuid4(), message, until)
        self._locks[lock.token] = lock
        self._locked.add(message.sequence)
        if timed:
            self._set_timer(lock)
        return lock

    def get(self, token: UUID) -> Lock:
        """Find a lock. Raises MessageLockLostError."""
        lock = self._locks.get(token)
        if lock is None:
            raise MessageLockLostError("the lock on the message expired or was settled")
        return lock

    def renew(self, lock: Lock, until: int) -> None:
        """Let a timed lock last until then."""
        lock.expires_at = until
        self._timers[lock.token].cancel()
        self._set_timer(lock)

    def drop(self, lock: Lock) -> None:
        """End a lock."""
        del self._locks[lock.token]
        self._locked.remove(lock.message.sequence)
        timer = self._timers.pop(lock.token, None)
        if timer is not None:
            timer.cancel()

    def _set_timer(self, lock: Lock) -> None:
        self._timers[lock.token] = self._clock.call_at(lock.expires_at, lambda: self._expired(lock))
