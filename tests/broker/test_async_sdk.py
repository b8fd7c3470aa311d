"""The asynchronous SDK over a socket."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from azure.servicebus import (
    NEXT_AVAILABLE_SESSION,
    ServiceBusMessage,
    ServiceBusMessageState,
    ServiceBusSubQueue,
)
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import (
    MessageLockLostError,
    MessageNotFoundError,
    OperationTimeoutError,
    ServiceBusAuthenticationError,
    ServiceBusError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.servicebus import ServiceBusReceivedMessage
    from azure.servicebus.aio import ServiceBusReceiver

    from local.broker.server import Broker

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEAD = ServiceBusSubQueue.DEAD_LETTER
MINUTE = 60_000
"""How long the locks of all queues last, in milliseconds."""


PATIENCE = 30
"""Seconds to wait for what comes at once on a machine with time: half a lock."""


async def received(receiver: ServiceBusReceiver, count: int) -> list[ServiceBusReceivedMessage]:
    """Receive exactly `count` messages, which may come in several parts."""
    got: list[ServiceBusReceivedMessage] = []
    while len(got) < count:
        messages = await receiver.receive_messages(count - len(got), max_wait_time=PATIENCE)
        assert messages, f"only {[str(message) for message in got]} came"
        got += messages
    return got


async def bodies(receiver: ServiceBusReceiver, count: int) -> list[str]:
    """Receive exactly `count` messages and complete them."""
    messages = await received(receiver, count)
    for message in messages:
        await receiver.complete_message(message)
    return [str(message) for message in messages]


async def nothing_left(receiver: ServiceBusReceiver) -> bool:
    return await receiver.peek_messages(1, sequence_number=1) == []


async def test_a_message_that_fails_too_often_is_dead_lettered(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("plain")
    handlers = (
        aio.get_queue_sender(name),
        aio.get_queue_receiver(name),
        aio.get_queue_receiver(name, sub_queue=DEAD),
    )
    async with opened(*handlers) as (sender, receiver, graves):
        await sender.send_messages(ServiceBusMessage("poison"))
        for attempt in range(3):
            (message,) = await received(receiver, 1)
            assert message.delivery_count == attempt
            await receiver.abandon_message(message)
        (dead,) = await received(graves, 1)
        assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
        assert dead.application_properties[b"DeadLetterReason"] == b"MaxDeliveryCountExceeded"
        await graves.complete_message(dead)
        assert await nothing_left(receiver)
        assert await nothing_left(graves)


async def test_a_deferred_message_is_settled_in_every_way(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("plain")
    handlers = (
        aio.get_queue_sender(name),
        aio.get_queue_receiver(name),
        aio.get_queue_receiver(name, sub_queue=DEAD),
    )
    async with opened(*handlers) as (sender, receiver, graves):
        await sender.send_messages([ServiceBusMessage(str(number)) for number in range(2)])
        messages = await received(receiver, 2)
        for message in messages:
            await receiver.defer_message(message)
        numbers = [message.sequence_number for message in messages]
        states = [message.state for message in await receiver.peek_messages(2, sequence_number=1)]
        assert states == [ServiceBusMessageState.DEFERRED] * 2
        first, second = await receiver.receive_deferred_messages(numbers)
        assert str(first) == "0"
        await receiver.abandon_message(first)
        await receiver.renew_message_lock(second)
        await receiver.dead_letter_message(second, "reason", "description")
        (first,) = await receiver.receive_deferred_messages(numbers[0])
        await receiver.complete_message(first)
        with pytest.raises(MessageNotFoundError):
            await receiver.receive_deferred_messages(numbers)
        (dead,) = await received(graves, 1)
        assert (str(dead), dead.dead_letter_reason) == ("1", "reason")


async def test_an_expired_lock_is_lost_and_its_message_comes_again(
    aio: ServiceBusClient,
    new_queue: Callable[[str], str],
    opened: Any,
    let_pass: Callable[[int], None],
) -> None:
    name = new_queue("plain")
    handlers = (
        aio.get_queue_sender(name),
        aio.get_queue_receiver(name),
        aio.get_queue_receiver(name),
    )
    async with opened(*handlers) as (sender, first, second):
        await sender.send_messages(ServiceBusMessage("a"))
        (late,) = await received(first, 1)
        let_pass(MINUTE)
        (again,) = await received(second, 1)
        assert (str(again), again.delivery_count) == ("a", 1)
        with pytest.raises(MessageLockLostError):
            await first.complete_message(late)
        renewed = await second.renew_message_lock(again)
        assert renewed > datetime.now(UTC)
        await second.complete_message(again)


async def test_a_lock_outlives_the_connection_of_its_receiver(
    aio: ServiceBusClient,
    new_queue: Callable[[str], str],
    opened: Any,
    let_pass: Callable[[int], None],
) -> None:
    name = new_queue("plain")
    sender, first = aio.get_queue_sender(name), aio.get_queue_receiver(name)
    second = aio.get_queue_receiver(name)
    async with opened(sender, second):
        await sender.send_messages(ServiceBusMessage("a"))
        async with opened(first):
            await received(first, 1)
            await first.close()
        await sender.send_messages(ServiceBusMessage("b"))
        assert await bodies(second, 1) == ["b"], "an older message that is free would come first"
        let_pass(MINUTE)
        (message,) = await received(second, 1)
        assert (str(message), message.delivery_count) == ("a", 1)


async def test_scheduled_messages_come_at_their_time_unless_cancelled(
    aio: ServiceBusClient,
    new_queue: Callable[[str], str],
    opened: Any,
    let_pass: Callable[[int], None],
) -> None:
    name = new_queue("plain")
    async with opened(aio.get_queue_sender(name), aio.get_queue_receiver(name)) as (
        sender,
        receiver,
    ):
        soon = datetime.now(UTC) + timedelta(minutes=30)
        kept, cancelled = await sender.schedule_messages(
            [ServiceBusMessage("kept"), ServiceBusMessage("cancelled")], soon
        )
        annotated = ServiceBusMessage("annotated", scheduled_enqueue_time_utc=soon)
        await sender.send_messages(annotated)
        peeked = await receiver.peek_messages(5)
        assert {message.state for message in peeked} == {ServiceBusMessageState.SCHEDULED}
        await sender.cancel_scheduled_messages(cancelled)
        with pytest.raises(MessageNotFoundError):
            await sender.cancel_scheduled_messages(cancelled)
        await sender.send_messages(ServiceBusMessage("now"))
        assert await bodies(receiver, 1) == ["now"]
        let_pass(30 * MINUTE)
        assert sorted(await bodies(receiver, 2)) == ["annotated", "kept"]
        assert kept == 1
        assert await nothing_left(receiver)


async def test_duplicates_are_dropped_however_they_are_sent(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("unique")
    async with opened(aio.get_queue_sender(name), aio.get_queue_receiver(name)) as (
        sender,
        receiver,
    ):

        def message(body: str) -> ServiceBusMessage:
            return ServiceBusMessage(body, message_id="same")

        await sender.send_messages(message("first"))
        await sender.send_messages(message("single"))
        await sender.send_messages([message("batch"), ServiceBusMessage("other")])
        past = datetime.now(UTC)
        await sender.schedule_messages(message("scheduled"), past)
        assert await bodies(receiver, 2) == ["first", "other"]
        assert await nothing_left(receiver)


async def test_expired_messages_are_dead_lettered(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("mortal")
    handlers = (aio.get_queue_sender(name), aio.get_queue_receiver(name, sub_queue=DEAD))
    async with opened(*handlers) as (sender, graves):
        await sender.send_messages(ServiceBusMessage("a"))
        (dead,) = await received(graves, 1)
        assert dead.dead_letter_reason == "TTLExpiredException"
        assert dead.time_to_live == timedelta(milliseconds=500)


async def test_a_peek_pages_through_a_queue_without_locking(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("plain")
    async with opened(aio.get_queue_sender(name), aio.get_queue_receiver(name)) as (
        sender,
        receiver,
    ):
        await sender.send_messages([ServiceBusMessage(str(number)) for number in range(7)])
        pages = [await receiver.peek_messages(3) for _ in range(4)]
        assert [[str(each) for each in page] for page in pages] == [
            ["0", "1", "2"],
            ["3", "4", "5"],
            ["6"],
            [],
        ]
        assert await bodies(receiver, 7) == [str(number) for number in range(7)]


async def test_a_session_is_held_by_one_receiver_and_carries_state(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("sessions")
    sender = aio.get_queue_sender(name)
    held = aio.get_queue_receiver(name, session_id="s")
    async with opened(sender, held):
        await sender.send_messages(
            [
                ServiceBusMessage(f"{each}{number}", session_id=each)
                for each in "st"
                for number in (1, 2)
            ]
        )
        with pytest.raises(SessionCannotBeLockedError):
            await aio.get_queue_receiver(name, session_id="s").__aenter__()
        with pytest.raises(ServiceBusError, match="session"):
            await sender.send_messages(ServiceBusMessage("no session"))
        assert await held.session.get_state() is None
        await held.session.set_state(b"state")
        assert await held.session.renew_lock() > datetime.now(UTC)
        assert await bodies(held, 2) == ["s1", "s2"]
        await held.close()
        other = aio.get_queue_receiver(
            name, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=PATIENCE
        )
        again = aio.get_queue_receiver(name, session_id="s")
        async with opened(other, again):
            assert other.session.session_id == "t"
            assert await bodies(other, 2) == ["t1", "t2"]
            assert await again.session.get_state() == b"state"


async def test_the_wait_for_a_session_ends_with_one_or_at_its_time(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("sessions")
    sender = aio.get_queue_sender(name)
    patient = aio.get_queue_receiver(
        name, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=PATIENCE
    )
    impatient = aio.get_queue_receiver(
        new_queue("sessions"), session_id=NEXT_AVAILABLE_SESSION, max_wait_time=1
    )
    refused = asyncio.create_task(impatient.__aenter__())
    waiting = asyncio.create_task(patient.__aenter__())
    async with opened(sender):
        await sender.send_messages(ServiceBusMessage("a", session_id=""))
        await waiting
        assert patient.session.session_id == ""
        assert await bodies(patient, 1) == ["a"]
        await patient.close()
    with pytest.raises(OperationTimeoutError):
        await refused


async def test_a_session_whose_lock_expired_is_lost_to_the_next_receiver(
    aio: ServiceBusClient,
    new_queue: Callable[[str], str],
    opened: Any,
    let_pass: Callable[[int], None],
) -> None:
    name = new_queue("sessions")
    sender = aio.get_queue_sender(name)
    first = aio.get_queue_receiver(name, session_id="s")
    second = aio.get_queue_receiver(name, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=PATIENCE)
    async with opened(sender, first):
        await sender.send_messages(ServiceBusMessage("a", session_id="s"))
        (late,) = await received(first, 1)
        let_pass(MINUTE)
        # The second receiver gets the session only because the lock of the first expired.
        async with opened(second):
            (again,) = await received(second, 1)
            assert (str(again), again.delivery_count) == ("a", 1)
            with pytest.raises(SessionLockLostError):
                await first.receive_messages(1, max_wait_time=PATIENCE)
            with pytest.raises(SessionLockLostError):
                await first.complete_message(late)
            await second.complete_message(again)


async def test_the_dead_letter_queue_of_a_session_queue_has_no_sessions(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("sessions")
    handlers = (
        aio.get_queue_sender(name),
        aio.get_queue_receiver(name, session_id="s"),
        aio.get_queue_receiver(name, sub_queue=DEAD),
    )
    async with opened(*handlers) as (sender, receiver, graves):
        await sender.send_messages(ServiceBusMessage("a", session_id="s"))
        (message,) = await received(receiver, 1)
        await receiver.dead_letter_message(message, reason="reason")
        (dead,) = await received(graves, 1)
        assert (dead.session_id, dead.dead_letter_reason) == ("s", "reason")
        await graves.complete_message(dead)
        assert await nothing_left(graves)


async def test_concurrent_settlements_on_one_receiver_are_each_confirmed_alone(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("plain")
    async with opened(aio.get_queue_sender(name), aio.get_queue_receiver(name)) as (
        sender,
        receiver,
    ):
        await sender.send_messages([ServiceBusMessage(str(number)) for number in range(16)])
        messages = await received(receiver, 16)
        confirmed: list[tuple[int, int]] = []
        link = receiver._handler._link
        heard = link._incoming_disposition

        async def listen(disposition: Any) -> None:
            _, first, last, *_ = disposition
            confirmed.append((first, first if last is None else last))
            await heard(disposition)

        link._incoming_disposition = listen
        await asyncio.gather(*(receiver.complete_message(each) for each in messages))
        # Each completion waits for a frame of its own: when one confirmed several, the SDK would
        # wait out its read time of 0.2 s for all others in turn.
        assert len(confirmed) == 16
        assert all(first == last for first, last in confirmed)
        assert await nothing_left(receiver)


async def test_prefetched_messages_go_back_uncounted_when_the_receiver_closes(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("plain")
    greedy, next_one = aio.get_queue_receiver(name, prefetch_count=10), aio.get_queue_receiver(name)
    async with opened(aio.get_queue_sender(name), greedy, next_one) as (sender, *_):
        await sender.send_messages([ServiceBusMessage(str(number)) for number in range(5)])
        (first,) = await received(greedy, 1)
        await greedy.complete_message(first)
        await greedy.close()
        got = await received(next_one, 4)
        assert [str(message) for message in got] == ["1", "2", "3", "4"]
        assert {message.delivery_count for message in got} == {0}


async def test_a_wrong_key_and_an_unknown_queue_are_refused(
    broker: Broker, aio: ServiceBusClient, new_queue: Callable[[str], str]
) -> None:
    # The service refuses both when the token is put, and the SDK calls that authentication.
    wrong = broker.connection_string.replace("SAS_KEY_VALUE", "another")
    async with ServiceBusClient.from_connection_string(wrong, retry_total=0) as intruder:
        outcomes = await asyncio.gather(
            intruder.get_queue_sender(new_queue("plain")).__aenter__(),
            aio.get_queue_receiver("unknown").__aenter__(),
            return_exceptions=True,
        )
    assert [type(outcome) for outcome in outcomes] == [ServiceBusAuthenticationError] * 2
