"""The synchronous SDK over a socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from azure.servicebus import (
    AutoLockRenewer,
    ServiceBusClient,
    ServiceBusMessage,
    ServiceBusReceiveMode,
    ServiceBusSubQueue,
)
from azure.servicebus.amqp import AmqpAnnotatedMessage
from azure.servicebus.exceptions import MessageSizeExceededError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.servicebus import ServiceBusReceivedMessage

PATIENCE = 30
"""Seconds to wait for what comes at once on a machine with time: half a lock."""


def test_a_message_arrives_as_it_was_sent_and_goes_with_its_completion(
    client: ServiceBusClient, new_queue: Callable[[str], str], opened_sync: Any
) -> None:
    name = new_queue("plain")
    sent = ServiceBusMessage(
        b"body",
        message_id="id",
        session_id="kept without meaning",
        application_properties={"text": "x", "number": 7, "flag": True},
        content_type="application/json",
        correlation_id="correlation",
        subject="subject",
        reply_to="reply",
        to="to",
        time_to_live=timedelta(seconds=90),
    )
    value = AmqpAnnotatedMessage(
        value_body={b"key": ["list", 1.5, None]}, annotations={b"x-opt-own": "annotation"}
    )
    before = datetime.now(UTC)
    with opened_sync(client.get_queue_sender(name), client.get_queue_receiver(name)) as handlers:
        sender, receiver = handlers
        sender.send_messages(sent)
        sender.send_messages(value)  # type: ignore[arg-type]
        (first,) = receiver.receive_messages(1, max_wait_time=PATIENCE)
        (second,) = receiver.receive_messages(1, max_wait_time=PATIENCE)
        assert b"".join(first.body) == b"body"
        assert first.message_id == "id"
        assert first.session_id == "kept without meaning"
        assert first.application_properties == {
            b"text": b"x",
            b"number": 7,
            b"flag": True,
        }
        assert first.content_type == "application/json"
        assert (first.correlation_id, first.subject) == ("correlation", "subject")
        assert (first.reply_to, first.to) == ("reply", "to")
        assert first.time_to_live == timedelta(seconds=90)
        assert first.enqueued_time_utc is not None
        assert abs(first.enqueued_time_utc - before) < timedelta(minutes=1)
        assert first.delivery_count == 0
        assert (first.sequence_number, second.sequence_number) == (1, 2)
        assert second.body == {b"key": [b"list", 1.5, None]}
        assert second.raw_amqp_message.annotations is not None
        assert second.raw_amqp_message.annotations[b"x-opt-own"] == b"annotation"
        assert second.message_id, "the broker gives an id to a message that has none"
        receiver.complete_message(first)
        receiver.complete_message(second)
        assert receiver.peek_messages(10, sequence_number=1) == []


def test_batches_large_messages_and_receive_and_delete(
    client: ServiceBusClient, new_queue: Callable[[str], str], opened_sync: Any
) -> None:
    name = new_queue("plain")
    large = b"x" * 200_000
    receiver = client.get_queue_receiver(
        name, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE, prefetch_count=50
    )
    with opened_sync(client.get_queue_sender(name), receiver) as (sender, _):
        batch = sender.create_message_batch()
        for number in range(20):
            batch.add_message(ServiceBusMessage(str(number)))
        assert batch.max_size_in_bytes == 262_144
        sender.send_messages(batch)
        sender.send_messages(ServiceBusMessage(large))
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages(ServiceBusMessage(b"x" * 263_000))
        got: list[bytes] = []
        while len(got) < 21:
            got += [
                b"".join(message.body)
                for message in receiver.receive_messages(30, max_wait_time=PATIENCE)
            ]
        assert got == [str(number).encode() for number in range(20)] + [large]
        assert receiver.peek_messages(sequence_number=1) == []


def test_every_settlement_of_the_synchronous_sdk_is_confirmed(
    client: ServiceBusClient, new_queue: Callable[[str], str], opened_sync: Any
) -> None:
    name = new_queue("plain")
    handlers = (
        client.get_queue_sender(name),
        client.get_queue_receiver(name, max_wait_time=PATIENCE),
        client.get_queue_receiver(
            name, sub_queue=ServiceBusSubQueue.DEAD_LETTER, max_wait_time=PATIENCE
        ),
    )
    with opened_sync(*handlers) as (sender, receiver, graves):
        sender.send_messages([ServiceBusMessage(each) for each in ("abandon", "defer", "dead")])
        messages: dict[str, ServiceBusReceivedMessage] = {}
        while len(messages) < 3:
            messages |= {str(each): each for each in receiver.receive_messages(3)}
        receiver.abandon_message(messages["abandon"])
        receiver.defer_message(messages["defer"])
        receiver.dead_letter_message(messages["dead"], "reason", "description")
        (again,) = receiver.receive_messages(3)
        assert (str(again), again.delivery_count) == ("abandon", 1)
        assert receiver.renew_message_lock(again) > datetime.now(UTC)
        receiver.complete_message(again)
        (deferred,) = receiver.receive_deferred_messages(messages["defer"].sequence_number)  # type: ignore[arg-type]
        receiver.complete_message(deferred)
        (dead,) = graves.receive_messages(3)
        assert (dead.dead_letter_reason, dead.dead_letter_error_description) == (
            "reason",
            "description",
        )
        graves.complete_message(dead)
        assert graves.peek_messages(sequence_number=1) == []


def test_the_synchronous_sdk_renews_a_session_while_its_receiver_waits(
    client: ServiceBusClient, new_queue: Callable[[str], str], opened_sync: Any
) -> None:
    name = new_queue("renewedsessions")
    with (
        opened_sync(
            client.get_queue_sender(name), client.get_queue_receiver(name, session_id="s")
        ) as (sender, receiver),
        # Inside: a renewal that meets a close in another thread breaks within the SDK.
        AutoLockRenewer() as renewer,
    ):
        granted = receiver.session.locked_until_utc
        renewer.register(receiver, receiver.session, max_lock_renewal_duration=60)
        sender.send_messages(ServiceBusMessage("a", session_id="s"))
        (message,) = receiver.receive_messages(1, max_wait_time=PATIENCE)
        receiver.session.set_state("state")
        # Without a renewal, the receiver would lose its session here.
        while receiver.session.locked_until_utc == granted:
            assert receiver.receive_messages(1, max_wait_time=0.5) == []
        assert receiver.session.locked_until_utc > granted
        receiver.complete_message(message)
        assert receiver.session.get_state() == b"state"
