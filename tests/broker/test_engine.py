"""The rules of a queue, on a clock that the test turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from local.broker.clock import VirtualClock
from local.broker.engine.errors import (
    MessageLockLostError,
    MessageNotFoundError,
    MessageTooLargeError,
    NoSessionAvailableError,
    NotAllowedError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)
from local.broker.engine.journal import NoJournal
from local.broker.engine.message import (
    MAX_MESSAGE_SIZE,
    Abandon,
    Complete,
    DeadLetter,
    Defer,
    MessageState,
    Publication,
    Release,
)
from local.broker.engine.namespace import Namespace
from local.broker.engine.settings import QueueSettings
from tests.broker.engine_harness import Receiver, publish, receive, receive_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.broker.engine.queue import Queue

LOCK = 60_000


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def make(clock: VirtualClock) -> Callable[..., Queue]:
    def make(**properties: Any) -> Queue:
        settings = QueueSettings(name="q", lock_duration=LOCK, **properties)
        return Namespace([settings], clock, NoJournal()).find("Q")

    return make


def dead_letters(queue: Queue) -> Queue:
    assert queue.dead_letters is not None
    return queue.dead_letters


def test_messages_are_received_in_the_order_of_their_arrival(make: Callable[..., Queue]) -> None:
    queue = make()
    publish(queue, "a", "b", "c")
    assert receive(queue).ids == ["a", "b", "c"]


def test_a_locked_message_is_nobody_elses(make: Callable[..., Queue]) -> None:
    queue = make()
    publish(queue, "a")
    receive(queue)
    assert receive(queue).ids == []


def test_receivers_with_credit_take_turns(make: Callable[..., Queue]) -> None:
    queue = make()
    first, second = Receiver("first", credit=2), Receiver("second", credit=5)
    queue.add_consumer(first)
    queue.add_consumer(second)
    publish(queue, "a", "b", "c", "d", "e")
    assert first.ids == ["a", "c"]
    assert second.ids == ["b", "d", "e"]


def test_an_abandoned_message_is_received_again_in_its_place_and_counted(
    make: Callable[..., Queue],
) -> None:
    queue = make()
    publish(queue, "a", "b")
    first = receive(queue, 1)
    queue.settle(first.locks[0].token, Abandon())
    again = receive(queue)
    assert again.ids == ["a", "b"]
    assert [message.delivery_count for message in again.messages] == [1, 0]


def test_a_released_message_is_not_counted(make: Callable[..., Queue]) -> None:
    queue = make()
    publish(queue, "a")
    queue.settle(receive(queue).locks[0].token, Release())
    assert receive(queue).messages[0].delivery_count == 0


def test_a_lock_that_expires_counts_and_its_token_is_dead(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make()
    publish(queue, "a")
    late = receive(queue)
    clock.advance(LOCK - 1)
    assert receive(queue).ids == []
    clock.advance(1)
    assert receive(queue).messages[0].delivery_count == 1
    with pytest.raises(MessageLockLostError):
        queue.settle(late.locks[0].token, Complete())


def test_a_renewed_lock_lasts_from_the_renewal_on(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make()
    publish(queue, "a")
    lock = receive(queue).locks[0]
    clock.advance(LOCK - 1)
    assert queue.renew_locks([lock.token]) == [clock.now() + LOCK]
    clock.advance(LOCK - 1)
    queue.settle(lock.token, Complete())
    clock.advance(10 * LOCK)
    assert len(queue.messages) == len(dead_letters(queue).messages) == 0


def test_settling_several_is_all_or_nothing(make: Callable[..., Queue]) -> None:
    queue = make()
    publish(queue, "a")
    token = receive(queue).locks[0].token
    with pytest.raises(MessageLockLostError):
        queue.settle_all([token, uuid4()], Complete())
    queue.settle_all([token, token], Complete())
    assert len(queue.messages) == 0


def test_after_the_last_delivery_a_message_is_dead_lettered(make: Callable[..., Queue]) -> None:
    queue = make(max_delivery_count=3)
    publish(queue, "a")
    for _ in range(3):
        queue.settle(receive(queue).locks[0].token, Abandon())
    assert receive(queue).ids == []
    dead = receive(dead_letters(queue)).messages[0]
    assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert dead.delivery_count == 3


def test_a_dead_letter_queue_delivers_without_end_until_completion(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(max_delivery_count=1, default_message_time_to_live=1000)
    publish(queue, "a")
    queue.settle(receive(queue).locks[0].token, DeadLetter("reason", "description"))
    graves = dead_letters(queue)
    clock.advance(100_000)
    for _ in range(20):
        queue_lock = receive(graves).locks[0]
        graves.settle(queue_lock.token, Abandon())
    last = receive(graves)
    assert last.messages[0].dead_letter_reason == "reason"
    assert last.messages[0].dead_letter_description == "description"
    graves.settle(last.locks[0].token, Complete())
    assert len(graves.messages) == 0


def test_dead_lettering_in_a_dead_letter_queue_keeps_the_message(
    make: Callable[..., Queue],
) -> None:
    graves = dead_letters(make())
    publish(graves, "a")
    graves.settle(receive(graves).locks[0].token, DeadLetter("again"))
    assert receive(graves).messages[0].dead_letter_reason == "again"


def test_a_deferred_message_is_received_by_its_number_alone(make: Callable[..., Queue]) -> None:
    queue = make()
    (sequence,) = publish(queue, "a")
    queue.settle(receive(queue).locks[0].token, Defer())
    assert receive(queue).ids == []
    (lock,) = queue.receive_deferred([sequence], session_id=None, receiver=None)
    with pytest.raises(MessageNotFoundError):
        queue.receive_deferred([sequence], session_id=None, receiver=None)
    queue.settle(lock.token, Abandon())
    (again,) = queue.receive_deferred([sequence], session_id=None, receiver=None)
    assert again.message.state is MessageState.DEFERRED
    queue.settle(again.token, Complete())
    assert len(queue.messages) == 0


def test_only_deferred_messages_are_received_by_number(make: Callable[..., Queue]) -> None:
    queue = make()
    (sequence,) = publish(queue, "a")
    with pytest.raises(MessageNotFoundError):
        queue.receive_deferred([sequence], session_id=None, receiver=None)


def test_receive_and_delete_leaves_nothing(make: Callable[..., Queue]) -> None:
    queue = make()
    publish(queue, "a", "b")
    assert receive(queue, deletes=True).ids == ["a", "b"]
    assert len(queue.messages) == 0


def test_a_scheduled_message_comes_at_its_time_with_a_new_number(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make()
    receiver = Receiver(credit=5)
    queue.add_consumer(receiver)
    (sequence,) = publish(queue, "late", scheduled_for=clock.now() + 500)
    publish(queue, "early")
    clock.advance(499)
    assert receiver.ids == ["early"]
    clock.advance(1)
    assert receiver.ids == ["early", "late"]
    late = receiver.messages[1]
    assert late.sequence > receiver.messages[0].sequence
    assert late.enqueue_sequence == sequence
    assert late.enqueued_at == clock.now()


def test_a_cancelled_message_never_comes(make: Callable[..., Queue], clock: VirtualClock) -> None:
    queue = make()
    (sequence,) = publish(queue, "a", scheduled_for=clock.now() + 500)
    queue.cancel_scheduled([sequence])
    clock.advance(1000)
    assert receive(queue).ids == []
    with pytest.raises(MessageNotFoundError):
        queue.cancel_scheduled([sequence])


def test_an_active_message_cannot_be_cancelled(make: Callable[..., Queue]) -> None:
    queue = make()
    (sequence,) = publish(queue, "a")
    with pytest.raises(MessageNotFoundError):
        queue.cancel_scheduled([sequence])


@pytest.mark.parametrize(
    ("own", "default", "life"), [(None, 1000, 1000), (300, 1000, 300), (5000, 1000, 1000)]
)
def test_a_message_lives_for_the_shorter_of_its_own_time_and_the_queues(
    make: Callable[..., Queue], clock: VirtualClock, own: int | None, default: int, life: int
) -> None:
    queue = make(default_message_time_to_live=default)
    publish(queue, "a", time_to_live=own)
    clock.advance(life - 1)
    assert len(queue.messages) == 1
    clock.advance(1)
    assert len(queue.messages) == len(dead_letters(queue).messages) == 0


def test_an_expired_message_is_dead_lettered_where_that_is_configured(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(dead_lettering_on_message_expiration=True)
    publish(queue, "a", time_to_live=100)
    clock.advance(100)
    assert receive(dead_letters(queue)).messages[0].dead_letter_reason == "TTLExpiredException"


def test_a_locked_message_expires_only_when_its_lock_ends_without_completion(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(dead_lettering_on_message_expiration=True)
    publish(queue, "done", "not done", time_to_live=100)
    done, not_done = receive(queue).locks
    clock.advance(200)
    queue.settle(done.token, Complete())
    assert len(dead_letters(queue).messages) == 0
    queue.settle(not_done.token, Abandon())
    assert receive(dead_letters(queue)).ids == ["not done"]


def test_a_scheduled_message_starts_to_age_when_it_comes(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make()
    publish(queue, "a", time_to_live=100, scheduled_for=clock.now() + 1000)
    clock.advance(1099)
    assert receive(queue).ids == ["a"]


def test_a_repeated_message_id_is_dropped_within_the_window_and_taken_after(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(duplicate_detection_history_time_window=1000)
    publish(queue, "a", "a", "b")
    publish(queue, "a", scheduled_for=clock.now() + 10)
    clock.advance(999)
    publish(queue, "b")
    assert receive(queue, deletes=True).ids == ["a", "b"]
    clock.advance(1)
    publish(queue, "a")
    assert receive(queue).ids == ["a"]


def test_a_scheduled_message_makes_later_ones_with_its_id_duplicates(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(duplicate_detection_history_time_window=1000)
    publish(queue, "a", scheduled_for=clock.now() + 500)
    publish(queue, "a")
    clock.advance(500)
    assert receive(queue).ids == ["a"]


def test_a_batch_with_one_bad_message_is_refused_as_a_whole(make: Callable[..., Queue]) -> None:
    queue = make()
    good = Publication(content=b"", message_id="a")
    large = Publication(content=bytes(MAX_MESSAGE_SIZE + 1), message_id="b")
    with pytest.raises(MessageTooLargeError):
        queue.publish([good, large])
    assert len(queue.messages) == 0


def test_a_peek_shows_everything_in_order_and_takes_nothing(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make()
    publish(queue, "locked", "deferred")
    locks = receive(queue).locks
    queue.settle(locks[1].token, Defer())
    publish(queue, "scheduled", scheduled_for=clock.now() + 1000)
    publish(queue, "active")
    found = queue.messages.find(2, 2, None)
    assert [message.message_id for message in found] == ["deferred", "scheduled"]
    assert len(queue.messages.find(0, 100, None)) == 4
    assert receive(queue).ids == ["active"]


def test_pages_of_dead_letters_are_in_order_however_they_died_and_left(
    make: Callable[..., Queue],
) -> None:
    queue = make()
    publish(queue, *map(str, range(300)))
    for lock in reversed(receive(queue, 300).locks):
        queue.settle(lock.token, DeadLetter("r", "d"))
    dead = queue.dead_letters
    assert dead
    assert [message.sequence for message in dead.messages.find(7, 3, None)] == [7, 8, 9]
    for lock in receive(dead, 200).locks[::-1]:
        dead.settle(lock.token, Complete())
    found, position = list[int](), 0
    while page := dead.messages.find(position, 30, None):
        found += [message.sequence for message in page]
        position = found[-1] + 1
    assert found == list(range(201, 301))


# Sessions


def test_a_session_queue_takes_no_message_without_a_session(make: Callable[..., Queue]) -> None:
    with pytest.raises(NotAllowedError):
        publish(make(requires_session=True), "a")


def test_receivers_and_queues_have_to_agree_on_sessions(make: Callable[..., Queue]) -> None:
    with pytest.raises(NotAllowedError):
        receive(make(requires_session=True))
    with pytest.raises(NotAllowedError):
        receive_session(make(), "s")


def test_a_session_has_one_receiver_and_gives_it_only_its_own_messages(
    make: Callable[..., Queue],
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", "c", session_id="s")
    publish(queue, "b", session_id="")
    assert receive_session(queue, "s").ids == ["a", "c"]
    assert receive_session(queue, "").ids == ["b"]
    with pytest.raises(SessionCannotBeLockedError):
        receive_session(queue, "s")


def test_the_next_session_is_the_one_that_waits_longest(make: Callable[..., Queue]) -> None:
    queue = make(requires_session=True)
    publish(queue, "b1", session_id="b")
    publish(queue, "a1", session_id="a")
    publish(queue, "b2", session_id="b")
    first = receive_session(queue, None)
    assert first.ids == ["b1", "b2"]
    queue.sessions.leave(first, first.session)
    assert receive_session(queue, None).ids == ["a1"]
    assert receive_session(queue, None).ids == ["b1", "b2"]


def test_a_receiver_waits_for_a_session_and_gives_up_at_its_time(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(requires_session=True)
    impatient, gone, patient = Receiver("1", credit=1), Receiver("2"), Receiver("3", credit=1)
    queue.accept_session(impatient, None, timeout=100)
    queue.accept_session(gone, None, timeout=1000)
    queue.accept_session(patient, None, timeout=1000)
    queue.sessions.leave(gone, None)
    clock.advance(100)
    assert isinstance(impatient.refusals[0], NoSessionAvailableError)
    publish(queue, "a", session_id="s")
    assert patient.ids == ["a"]
    clock.advance(1000)
    assert patient.refusals == gone.refusals == []


def test_a_session_that_is_left_is_free_at_once_and_nothing_is_counted(
    make: Callable[..., Queue],
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", session_id="s")
    first = receive_session(queue, "s")
    queue.sessions.leave(first, first.session)
    second = receive_session(queue, "s")
    assert second.messages[0].delivery_count == 0
    with pytest.raises(MessageLockLostError):
        queue.settle(first.locks[0].token, Complete())
    queue.settle(second.locks[0].token, Complete())


def test_a_session_lock_that_expires_frees_the_session_and_counts(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", session_id="s")
    first = receive_session(queue, "s")
    waiting = Receiver("next", credit=1)
    clock.advance(LOCK - 500)
    queue.accept_session(waiting, None, timeout=1000)
    clock.advance(500)
    assert isinstance(first.losses[0], SessionLockLostError)
    assert waiting.messages[0].delivery_count == 1
    with pytest.raises(MessageLockLostError):
        queue.settle(first.locks[0].token, Complete())


def test_a_renewed_session_keeps_its_messages_locked(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", session_id="s")
    receiver = receive_session(queue, "s")
    clock.advance(LOCK - 1)
    assert queue.sessions.renew(queue.sessions.held("s", "receiver")) == clock.now() + LOCK
    clock.advance(LOCK - 1)
    queue.settle(receiver.locks[0].token, Complete())
    assert receiver.losses == []


def test_only_the_holder_of_a_session_acts_on_it(
    make: Callable[..., Queue], clock: VirtualClock
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", session_id="s")
    with pytest.raises(SessionLockLostError):
        queue.sessions.held("s", None)
    receive_session(queue, "s")
    queue.sessions.held("s", None)
    with pytest.raises(SessionLockLostError):
        queue.sessions.held("s", "somebody else")
    clock.advance(LOCK)
    with pytest.raises(SessionLockLostError):
        queue.sessions.held("s", "receiver")


def test_session_state_outlives_the_lock_and_the_messages(make: Callable[..., Queue]) -> None:
    queue = make(requires_session=True)
    first = receive_session(queue, "s")
    queue.sessions.set_state(queue.sessions.held("s", None), b"state")
    queue.sessions.leave(first, first.session)
    second = receive_session(queue, "s")
    assert queue.sessions.held("s", None).state == b"state"
    queue.sessions.set_state(queue.sessions.held("s", None), None)
    queue.sessions.leave(second, second.session)
    assert list(queue.sessions) == []


def test_dead_letters_of_a_session_queue_are_read_without_a_session_and_keep_its_id(
    make: Callable[..., Queue],
) -> None:
    queue = make(requires_session=True)
    publish(queue, "a", session_id="s")
    queue.settle(receive_session(queue, "s").locks[0].token, DeadLetter("reason"))
    assert receive(dead_letters(queue)).messages[0].session_id == "s"


def test_deferred_messages_of_a_session_are_for_its_holder(make: Callable[..., Queue]) -> None:
    queue = make(requires_session=True)
    (sequence,) = publish(queue, "a", session_id="s")
    receiver = receive_session(queue, "s")
    queue.settle(receiver.locks[0].token, Defer())
    with pytest.raises(SessionLockLostError):
        queue.receive_deferred([sequence], session_id="s", receiver="somebody else")
    (lock,) = queue.receive_deferred([sequence], session_id="s", receiver="receiver")
    assert lock.expires_at == receiver.session.locked_until  # type: ignore[union-attr]
    queue.settle(lock.token, Complete())
    assert len(queue.messages) == 0


def test_a_held_session_delivers_what_arrives_meanwhile(make: Callable[..., Queue]) -> None:
    queue = make(requires_session=True)
    receiver = receive_session(queue, "s")
    publish(queue, "a", session_id="s")
    assert receiver.ids == ["a"]
