"""Queues with sessions: order within one, parallel across them, none starved."""

import json
from collections import defaultdict

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue


def order(lane, number, **told):
    return ServiceBusMessage(json.dumps({"number": number, **told}), session_id=lane)


def test_a_session_is_worked_off_in_order_one_call_at_a_time(bus, results):
    bus.send("lanes", *(order("ordered", number, sleep=0.02) for number in range(10)))

    seen = results(20, lane="ordered")

    steps = [("begins" in step, step.get("begins", step.get("ends"))) for step in seen]
    assert steps == [(begins, number) for number in range(10) for begins in (True, False)]


def test_more_sessions_than_slots_all_get_their_turn(bus, results):
    lanes = [f"lane-{number}" for number in range(5)]  # there are three slots
    bus.send("lanes", *(order(lane, number) for number in range(2) for lane in lanes))

    ends = defaultdict(list)
    for step in results(20, function="lanes"):
        if "ends" in step:
            ends[step["lane"]].append(step["ends"])
    assert ends == {lane: [0, 1] for lane in lanes}


def test_sessions_run_in_parallel(bus, results):
    bus.send("lanes", *(order(f"side-{number}", 0, meets=True) for number in range(3)))

    steps = results(6, function="lanes")  # none ends before all have begun

    assert ["begins" in step for step in steps] == [True] * 3 + [False] * 3


def test_a_failure_is_retried_at_once_before_later_messages(bus, results):
    bus.send("lanes", order("stubborn", 1, failures=1), order("stubborn", 2))

    seen = [
        (next(iter(set(step) & {"begins", "ends"})), step["count"])
        for step in results(5, lane="stubborn")
    ]

    assert seen == [("begins", 1), ("begins", 2), ("ends", 2), ("begins", 1), ("ends", 1)]


def test_a_message_that_always_fails_lets_the_session_go_on(bus, results):
    bus.send("lanes", order("poisoned", 1, failures=9), order("poisoned", 2))

    steps = results(5, lane="poisoned")

    assert [step.get("begins") for step in steps] == [1, 1, 1, 2, None]
    [dead] = bus.receive("lanes", sub_queue=ServiceBusSubQueue.DEAD_LETTER)
    assert (dead.session_id, dead.dead_letter_reason) == ("poisoned", "MaxDeliveryCountExceeded")


@pytest.mark.slow
def test_a_handler_longer_than_the_session_lock_keeps_its_session(bus, results):
    bus.send("lanes", order("long", 1, sleep=25), order("long", 2))  # the lock lasts 20 s

    assert [step["count"] for step in results(4, lane="long")] == [1, 1, 1, 1]
