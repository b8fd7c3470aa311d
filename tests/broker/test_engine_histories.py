"""Random histories of a queue against a model, with restarts from the store at any moment."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from local.broker.clock import VirtualClock
from local.broker.engine.errors import MessageLockLostError
from local.broker.engine.message import (
    Abandon,
    Complete,
    DeadLetter,
    Defer,
    Outcome,
    Publication,
    Release,
)
from local.broker.engine.namespace import Namespace
from local.broker.engine.settings import QueueSettings
from local.broker.store import SqliteJournal
from tests.broker.engine_harness import Receiver, receive

if TYPE_CHECKING:
    from uuid import UUID

    from local.broker.engine.queue import Queue

LOCK = 1000
MAX_DELIVERIES = 3
OUTCOMES = st.sampled_from(
    [Complete(), Abandon(), Release(), Defer(), DeadLetter("reason", "description")]
)


@dataclass
class Expected:
    """What the model knows of one message."""

    where: str = "ready"  # or scheduled, deferred, dead, gone
    count: int = 0
    due: int = 0
    time_to_live: int | None = None
    expires_at: int | None = None
    token: UUID | None = None
    locked_until: int = 0
    reason: str | None = None

    def unlock(self, now: int) -> None:
        self.token = None
        if self.where in ("ready", "deferred") and (self.expires_at or now + 1) <= now:
            self.where, self.reason = "dead", "TTLExpiredException"

    def fail(self, now: int) -> None:
        self.count += 1
        if self.count >= MAX_DELIVERIES:
            self.where, self.reason, self.token = "dead", "MaxDeliveryCountExceeded", None
        else:
            self.unlock(now)


class History(RuleBasedStateMachine):
    """One history. Subclasses say how messages are received."""

    sessions = False

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock()
        self.expected: dict[str, Expected] = {}
        self.dead_tokens: list[UUID] = []
        self.holders: dict[str, Receiver] = {}
        self.open()

    def open(self) -> None:
        self.journal = SqliteJournal(Path(self.folder.name), lambda: None)
        settings = QueueSettings(
            name="q",
            lock_duration=LOCK,
            max_delivery_count=MAX_DELIVERIES,
            dead_lettering_on_message_expiration=True,
            duplicate_detection_history_time_window=10 * LOCK,
            requires_session=self.sessions,
        )
        self.queue = Namespace([settings], self.clock, self.journal).find("q")
        assert self.queue.dead_letters is not None
        self.graves = self.queue.dead_letters

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()

    def session_of(self, message_id: str) -> str | None:
        return str(int(message_id) % 3) if self.sessions else None

    # Rules

    @rule(
        delay=st.one_of(st.none(), st.integers(1, 3 * LOCK)),
        life=st.one_of(st.none(), st.integers(1, 3 * LOCK)),
    )
    def publish(self, delay: int | None, life: int | None) -> None:
        message_id = str(len(self.expected))
        now = self.clock.now()
        publication = Publication(
            content=message_id.encode(),
            message_id=message_id,
            session_id=self.session_of(message_id),
            time_to_live=life,
            scheduled_for=None if delay is None else now + delay,
        )
        # The second one is a duplicate, and changes nothing.
        self.queue.publish([publication, publication])
        due = now + (delay or 0)
        self.expected[message_id] = Expected(
            "scheduled" if delay else "ready",
            due=due,
            time_to_live=life,
            expires_at=None if life is None else due + life,
        )

    @precondition(lambda self: self.locked())
    @rule(outcome=OUTCOMES, data=st.data())
    def settle(self, outcome: Outcome, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(self.locked()))
        assert each.token is not None
        self.queue.settle(each.token, outcome)
        self.dead_tokens.append(each.token)
        now = self.clock.now()
        match outcome:
            case Complete():
                each.where, each.token = "gone", None
            case DeadLetter():
                each.where, each.reason, each.token = "dead", "reason", None
            case Abandon():
                each.fail(now)
            case Release():
                each.unlock(now)
            case Defer():
                each.count += 1
                each.where = "deferred"
                each.unlock(now)

    @rule(milliseconds=st.integers(1, 2 * LOCK))
    def let_time_pass(self, milliseconds: int) -> None:
        self.clock.advance(milliseconds)
        now = self.clock.now()
        for each in self.expected.values():
            if each.where == "scheduled" and each.due <= now:
                each.where = "ready"
            if each.token is not None and each.locked_until <= now:
                self.dead_tokens.append(each.token)
                each.fail(each.locked_until)
            if each.token is None:
                each.unlock(now)
        self.drop_lost_sessions()

    def drop_lost_sessions(self) -> None:
        self.holders = {key: each for key, each in self.holders.items() if not each.losses}

    @rule()
    def receive_deferred(self) -> None:
        deferred = {
            message.sequence: self.expected[message.message_id]
            for message in self.queue.messages
            if self.expected[message.message_id].where == "deferred"
            and self.expected[message.message_id].token is None
            and (not self.sessions or message.session_id in self.holders)
        }
        for sequence, each in deferred.items():
            session_id = self.queue.messages.get(sequence).session_id
            (lock,) = self.queue.receive_deferred([sequence], session_id=session_id, receiver=None)
            assert lock.message.delivery_count == each.count
            each.token, each.locked_until = lock.token, lock.expires_at

    @rule()
    def restart(self) -> None:
        # Only its lock kept such a message alive, and no lock outlives a restart.
        overdue = {
            key
            for key, each in self.expected.items()
            if each.token is not None
            and (each.expires_at or self.clock.now() + 1) <= self.clock.now()
        }
        before = [contents(self.queue, overdue), contents(self.graves, overdue)]
        self.journal.close()
        # The old queues are as good as dead: nothing turns their clock any more.
        self.clock = VirtualClock(self.clock.now())
        self.open()
        assert [contents(self.queue, overdue), contents(self.graves, overdue)] == before
        self.holders.clear()
        for each in self.expected.values():
            if each.token is not None:
                self.dead_tokens.append(each.token)
                each.unlock(self.clock.now())

    # What holds at any time

    @invariant()
    def every_message_is_where_it_should_be(self) -> None:
        alive = {message.message_id: message for message in self.queue.messages}
        dead = {message.message_id: message for message in self.graves.messages}
        wheres = {"ready", "scheduled", "deferred"}
        assert set(alive) == {key for key, each in self.expected.items() if each.where in wheres}
        assert set(dead) == {key for key, each in self.expected.items() if each.where == "dead"}
        for key, message in (alive | dead).items():
            assert message.delivery_count == self.expected[key].count
            assert message.dead_letter_reason == self.expected[key].reason
            assert message.content == key.encode()

    @invariant()
    def a_dead_lock_stays_dead(self) -> None:
        for token in self.dead_tokens[-3:]:
            with pytest.raises(MessageLockLostError):
                self.queue.settle(token, Complete())

    def locked(self) -> list[Expected]:
        return [each for each in self.expected.values() if each.token is not None]

    def got(self, receiver: Receiver) -> None:
        for lock in receiver.locks:
            each = self.expected[lock.message.message_id]
            assert each.where == "ready"
            assert each.token is None, "a message is locked for one receiver at a time"
            assert lock.message.delivery_count == each.count
            each.token, each.locked_until = lock.token, lock.expires_at
        receiver.locks.clear()


class QueueHistory(History):
    """Receivers of a queue without sessions."""

    @rule(count=st.integers(1, 3))
    def receive(self, count: int) -> None:
        ready = [
            key
            for key, each in self.expected.items()
            if each.where == "ready" and each.token is None
        ]
        receiver = receive(self.queue, count)
        assert set(receiver.ids) <= set(ready)
        assert len(receiver.ids) == min(count, len(ready))
        self.got(receiver)


class SessionHistory(History):
    """Receivers that hold sessions."""

    sessions = True

    @rule(data=st.data())
    def accept_next(self, data: st.DataObject) -> None:
        ready = {
            self.session_of(key)
            for key, each in self.expected.items()
            if each.where == "ready" and each.token is None
        } - set(self.holders)
        receiver = Receiver(f"receiver {len(self.dead_tokens)}")
        self.queue.accept_session(receiver, None, timeout=0)
        self.clock.advance(0)
        assert (receiver.session is not None) == bool(ready)
        if receiver.session is not None:
            assert receiver.session.session_id in ready
            self.holders[receiver.session.session_id] = receiver

    @precondition(lambda self: self.holders)
    @rule(data=st.data(), count=st.integers(1, 3))
    def receive(self, data: st.DataObject, count: int) -> None:
        receiver = self.holders[data.draw(st.sampled_from(sorted(self.holders)))]
        assert receiver.session is not None
        receiver.credit = count
        self.queue.dispatch(receiver.session)
        receiver.credit = 0
        assert {self.session_of(key) for key in receiver.ids} <= {receiver.session.session_id}
        # The session's lock is the messages': a renewal of it is theirs.
        self.got(receiver)

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(sorted(self.holders)))
        receiver = self.holders.pop(session_id)
        self.queue.sessions.leave(receiver, receiver.session)
        for key, each in self.expected.items():
            if each.token is not None and self.session_of(key) == session_id:
                self.dead_tokens.append(each.token)
                each.unlock(self.clock.now())

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(sorted(self.holders)))
        until = self.queue.sessions.renew(self.queue.sessions.held(session_id, None))
        for key, each in self.expected.items():
            if each.token is not None and self.session_of(key) == session_id:
                each.locked_until = until


def contents(queue: Queue, without: set[str]) -> list[str]:
    """All that can be seen of a queue, but for locks."""
    return sorted(str(each) for each in queue.messages if each.message_id not in without)


@pytest.mark.hypothesis
@pytest.mark.parametrize("history", [QueueHistory, SessionHistory])
def test_any_history_loses_nothing_and_delivers_nothing_twice_at_once(
    history: type[History],
) -> None:
    run_state_machine_as_test(history, settings=hypothesis_settings(stateful_step_count=40))
