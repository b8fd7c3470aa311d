"""SIGTERM: no new work, the running work finishes, exit code 0."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
from azure.servicebus import ServiceBusMessage


def test_a_stopping_host_finishes_the_messages_in_hand_and_takes_no_more(
    bus, broker, run_host, results_of
):
    host = run_host("bus", env={"Bus": broker.connection}, only=("text", "slow", "lanes"))
    results = results_of(host)
    long = json.dumps({"number": 1, "sleep": 1})
    bus.send("text", ServiceBusMessage("opens the sender"))
    bus.send("slow", ServiceBusMessage("1"))
    bus.send("lanes", ServiceBusMessage(long, session_id="s"))
    results(1, function="text")
    results(1, function="slow")
    results(1, function="lanes")

    assert host.stop() == 0

    assert results(2, function="slow") == [{"started": 1}, {"finished": 1}]
    assert len(results(2, function="lanes")) == 2
    bus.until_empty("slow")
    bus.send("text", ServiceBusMessage("for another host"))
    [message] = bus.receive("text")
    assert message.delivery_count == 0


def test_a_stopping_host_answers_the_requests_in_hand(run_host):
    host = run_host("http")
    with ThreadPoolExecutor(1) as pool:
        url = host.ready["http"] + "/api/block"
        answer = pool.submit(httpx.get, url, trust_env=False)
        host.wait_for_log("blocking the app's loop")

        assert host.stop() == 0
        assert answer.result().text == "unblocked"
