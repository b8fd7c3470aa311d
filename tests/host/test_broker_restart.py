"""The broker goes and comes back; the host loses nothing and finds it again."""

import json

import pytest
from azure.servicebus import ServiceBusMessage


@pytest.fixture(scope="module")
def bus_host(broker, start_host):
    """A host that is there before its broker."""
    broker.kill()
    with start_host("bus", env={"Bus": broker.connection}, only=("text", "lanes")) as host:
        assert host.ready["http"]
        host.wait_for_log("queue text: connection lost")
        broker.start()
        yield host


def test_a_host_may_start_before_its_broker(bus, results):
    bus.send("text", ServiceBusMessage("late"))

    results(1, body="late")


def test_a_killed_and_restarted_broker_is_found_again(bus, broker, bus_host, results):
    broker.kill()
    bus_host.wait_for_log("queue text: connection lost", times=2)
    broker.start()
    bus.send("text", ServiceBusMessage("after"))
    bus.send("lanes", ServiceBusMessage(json.dumps({"number": 1}), session_id="after"))

    results(1, body="after")
    results(2, lane="after")


def test_a_message_in_hand_when_the_broker_dies_is_delivered_again(
    bus, broker, bus_host, results, tmp_path
):
    until = tmp_path / "go on"
    order = {"number": 1, "until": str(until)}
    bus.send("lanes", ServiceBusMessage(json.dumps(order), session_id="held"))
    results(1, lane="held")

    broker.kill()
    broker.start()
    until.touch()

    ends = [step["ends"] for step in results(4, lane="held") if "ends" in step]
    assert ends == [1, 1]
    bus_host.wait_for_log("could not complete message")
    bus.until_empty_session("lanes", "held")
