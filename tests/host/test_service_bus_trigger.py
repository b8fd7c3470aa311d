"""The Service Bus trigger against the local broker: binding data, settlement, locks."""

import uuid

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.amqp import AmqpAnnotatedMessage


def test_a_message_arrives_with_the_metadata_that_the_host_sends(bus, results):
    trace_id = uuid.uuid4().hex
    bus.send(
        "text",
        ServiceBusMessage(
            b'{"a": 1}',
            message_id="m-1",
            subject="the subject",
            content_type="application/json",
            correlation_id="c-1",
            reply_to="r",
            to="t",
            application_properties={
                "text": "x",
                "number": 7,
                "flag": True,
                "id": uuid.UUID(int=5),
                "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01",
            },
        ),
    )

    [seen] = results(1, function="text")

    assert seen["body"] == '{"a": 1}'
    assert seen["message_id"] == "m-1"
    assert seen["subject"] == seen["label"] == "the subject"
    assert seen["content_type"] == "application/json"
    assert (seen["correlation_id"], seen["reply_to"], seen["to"]) == ("c-1", "r", "t")
    assert seen["application_properties"] == seen["user_properties"]
    assert seen["application_properties"] | {"traceparent": None} == {
        "text": "x",
        "number": 7,
        "flag": True,
        "id": "00000000-0000-0000-0000-000000000005",
        "traceparent": None,
    }
    assert seen["never_sent"] == [None, None, None]
    assert seen["trace"].startswith(f"00-{trace_id}-")


def test_the_first_delivery_counts_one(bus, results):
    bus.send("text", ServiceBusMessage("x"))

    [seen] = results(1, function="text")

    assert seen["delivery_count"] == 1
    assert seen["sequence_number"] > 0
    assert uuid.UUID(seen["lock_token"])
    assert seen["enqueued"] < seen["expires"]


def test_the_metadata_keys_are_those_of_single_dispatch(bus, results):
    bus.send("text", ServiceBusMessage("x"))

    [seen] = results(1, function="text")

    always = {
        *("DeliveryCount", "LockToken", "ExpiresAtUtc", "ExpiresAt", "EnqueuedTimeUtc"),
        *("EnqueuedTime", "MessageId", "SequenceNumber", "ApplicationProperties"),
        *("UserProperties", "MessageReceiver", "MessageSession", "MessageActions"),
        *("SessionActions", "ReceiveActions", "Client"),
    }
    # Absent properties have no entry at all, rather than an empty one.
    assert set(seen["keys"]) == always
    assert seen["correlation_id"] is None


@pytest.mark.parametrize(
    ("queue", "body", "expected"),
    [
        ("text", b"", ""),
        ("text", "déjà vu".encode(), "d\u00c3\u00a9j\u00c3\u00a0 vu"),
        ("text", b"\xef\xbb\xbfbom", "bom"),
        ("text", b"\xff", "\u00ef\u00bf\u00bd"),
        ("binary", b"\xff\x00", "\u00ff\x00"),
        ("binary", b"", ""),
    ],
    ids=["empty", "text", "byte order mark", "not UTF-8", "binary", "empty binary"],
)
def test_a_body_is_text_unless_the_binding_asks_for_binary(bus, results, queue, body, expected):
    bus.send(queue, ServiceBusMessage(body))

    [seen] = results(1, function=queue)

    assert seen["body"] == expected  # shown as one character per byte


def test_a_message_that_cannot_be_bound_is_abandoned_until_dead_lettered(bus, bus_host):
    bus.send("text", AmqpAnnotatedMessage(sequence_body=[[1, 2]]))

    [dead] = bus.receive("text", sub_queue=ServiceBusSubQueue.DEAD_LETTER)

    assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert "cannot be bound" in bus_host.log


def test_a_raise_abandons_and_the_broker_dead_letters_at_the_maximum(bus, results):
    bus.send("failing", ServiceBusMessage("x", message_id="doomed"))

    # Nobody here waits for as long as its lock would last.
    assert [seen["delivery_count"] for seen in results(3, function="failing")] == [1, 2, 3]
    [dead] = bus.receive("failing", sub_queue=ServiceBusSubQueue.DEAD_LETTER)
    assert (dead.message_id, dead.dead_letter_reason) == ("doomed", "MaxDeliveryCountExceeded")


def test_a_return_completes(bus, results):
    bus.send("text", ServiceBusMessage("x"))
    results(1, function="text")

    bus.until_empty("text")


def test_without_auto_complete_the_lock_runs_out_and_counts(bus, results):
    bus.send("kept", ServiceBusMessage("x"))

    assert [seen["delivery_count"] for seen in results(2, function="kept")][:2] == [1, 2]


@pytest.mark.slow
def test_a_handler_longer_than_the_lock_keeps_its_message(bus, results):
    bus.send("slow", ServiceBusMessage('{"sleep": 25}'))  # the lock lasts 20 s

    assert results(2, function="slow") == [{"started": 1}, {"finished": 1}]
    bus.until_empty("slow")


def test_messages_are_handled_in_parallel_up_to_the_maximum(bus, results):
    bus.send("parallel", *(ServiceBusMessage("x", message_id=str(n)) for n in range(2)))

    assert {seen["parallel"] for seen in results(2, function="parallel")} == {"0", "1"}
