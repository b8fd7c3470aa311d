"""SIGTERM: no new work, the running work finishes, exit code 0."""

import json
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import httpx
from azure.servicebus import ServiceBusMessage


def refuses(address):
    """Whether nobody listens there any more."""
    at = urlsplit(address)
    try:
        socket.create_connection((at.hostname, at.port)).close()
    except ConnectionError:
        return True  # Refused; or reset, by the socket that closed meanwhile.
    return False


def test_a_stopping_host_finishes_the_messages_in_hand_and_takes_no_more(
    bus, broker, run_host, results_of
):
    host = run_host("bus", env={"Bus": broker.connection}, only=("text", "slow", "lanes"))
    results = results_of(host)
    long = json.dumps({"number": 1, "sleep": 1})
    bus.send("text", ServiceBusMessage("opens the sender"))
    bus.send("slow", ServiceBusMessage(long))
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


def test_a_stopping_host_answers_the_requests_in_hand(run_host, tmp_path, eventually):
    host = run_host("http")
    until = tmp_path / "go on"
    with ThreadPoolExecutor(1) as pool:
        url = f"{host.ready['http']}/api/block?until={quote(str(until))}"
        answer = pool.submit(httpx.get, url, timeout=60, trust_env=False)
        host.wait_for_log("blocking the app's loop")

        host.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(host.ready["http"]))
        until.touch()

        assert host.stopped() == 0
        assert answer.result().text == "unblocked"
