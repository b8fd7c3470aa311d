"""SIGTERM: no new work, the running work finishes, exit code 0."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
from azure.servicebus import ServiceBusMessage


def test_a_stopping_host_finishes_the_messages_in_hand(bus, broker, run_host, results_of):
    host = run_host("bus", env={"Bus": broker.connection})
    results = results_of(host)
    bus.send("slow", ServiceBusMessage("1"))
    bus.send("lanes", ServiceBusMessage(json.dumps({"number": 1, "sleep": 1}), session_id="s"))
    results(1, function="slow")
    results(1, function="lanes")

    assert host.stop() == 0

    assert results(2, function="slow") == [{"started": 1}, {"finished": 1}]
    assert len(results(2, function="lanes")) == 2
    bus.until_empty("slow")


def test_a_stopping_host_answers_the_requests_in_hand(run_host):
    host = run_host("http")
    with ThreadPoolExecutor(1) as pool:
        url = host.ready["http"] + "/api/block"
        answer = pool.submit(httpx.get, url, trust_env=False)
        host.wait_for_log("blocking the app's loop")

        assert host.stop() == 0
        assert answer.result().text == "unblocked"


def test_a_stopped_host_leaves_a_waiting_message_unlocked(bus, broker, run_host, results_of):
    host = run_host("bus", env={"Bus": broker.connection})
    bus.send("text", ServiceBusMessage("x"))
    results_of(host)
    host.wait_for_log("RESULT")
    assert host.stop() == 0

    bus.send("text", ServiceBusMessage("for another host"))

    [message] = bus.receive("text")
    assert message.delivery_count == 0
