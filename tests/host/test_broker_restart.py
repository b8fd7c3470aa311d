"""The broker goes and comes back; the host loses nothing and notices soon."""

import json
import time

import pytest
from azure.servicebus import ServiceBusMessage


@pytest.fixture
def broker(durable_broker):
    return durable_broker


@pytest.fixture
def bus(open_bus, broker):
    return open_bus(broker.connection)


def test_a_killed_and_restarted_broker_is_found_again_within_three_seconds(
    bus, broker, run_host, results_of
):
    host = run_host("bus", env={"Bus": broker.connection})
    results = results_of(host)
    bus.send("text", ServiceBusMessage("before"))
    results(1, body="before")

    broker.kill()
    host.wait_for_log("receiver lost")
    host.wait_for_log("session lost")
    broker.start()
    started = time.monotonic()
    bus.send("text", ServiceBusMessage("after"))
    bus.send("lanes", ServiceBusMessage(json.dumps({"number": 1}), session_id="after"))

    results(1, body="after")
    results(2, lane="after")
    assert time.monotonic() - started < 3


def test_a_message_in_hand_when_the_broker_dies_is_delivered_again(
    bus, broker, run_host, results_of
):
    host = run_host("bus", env={"Bus": broker.connection})
    results = results_of(host)
    bus.send("lanes", ServiceBusMessage(json.dumps({"number": 1, "sleep": 2}), session_id="held"))
    results(1, lane="held")

    broker.kill()
    broker.start()

    ends = [step["ends"] for step in results(4, lane="held") if "ends" in step]
    assert ends == [1, 1]
    host.wait_for_log("could not complete message")
    bus.until_empty_session("lanes", "held")


def test_a_host_may_start_before_its_broker(bus, broker, run_host, results_of):
    broker.kill()
    host = run_host("bus", env={"Bus": broker.connection})
    results = results_of(host)
    assert host.ready["http"]

    broker.start()
    bus.send("text", ServiceBusMessage("late"))

    results(1, body="late")
