"""`python -m local up` around a small app, as people run it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from azure.data.tables import TableServiceClient
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from local.up.blocking import BlockingStack, blocking_stack

ROOT = Path(__file__).parents[2]
APP = Path(__file__).parent / "apps" / "minimal"
FIELDS = {
    *("http", "amqp", "graph", "vault", "tables", "identity", "itsm"),
    *("serviceBusConnection", "tableConnection", "functionKey", "masterKey", "identityHeader"),
    "itsmPassword",
    *("vaultCa", "settings", "pids"),
}
PARTS = {"broker", "tables", "identity", "vault", "graph", "itsm", "host"}


@contextmanager
def up(*options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command around the minimal app; what still runs in the end is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "up", "--app", str(APP), *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def stack() -> Iterator[BlockingStack]:
    with blocking_stack(app=APP) as stack:
        yield stack


def call(line: dict[str, str], method: str, path: str) -> httpx.Response:
    key = {"x-functions-key": line["functionKey"]}
    return httpx.request(
        method, f"{line['http']}/api/{path}", headers=key, timeout=60, trust_env=False
    )


def received(connection: str) -> set[str]:
    with TableServiceClient.from_connection_string(connection) as service:
        table = service.create_table_if_not_exists("received")
        return {entity["RowKey"] for entity in table.list_entities()}


def wait_until_received(connection: str, *names: str) -> None:
    while not set(names) <= received(connection):
        time.sleep(0.1)


def gone(pids: dict[str, int]) -> bool:
    return not [pid for pid in pids.values() if Path(f"/proc/{pid}").exists()]


def test_the_app_reaches_every_part_and_all_of_it_stops_with_ctrl_c(tmp_path: Path) -> None:
    with up("--data", str(tmp_path), "--setting", "LANES=3", "--setting", "EXTRA=a=b") as process:
        line = json.loads(process.stdout.readline())
        assert set(line) == FIELDS
        assert set(line["pids"]) == PARTS

        assert call(line, "POST", "messages/one").status_code == 202
        wait_until_received(line["tableConnection"], "one")
        assert call(line, "PUT", "secrets/one/value").text == "value"

        settings = call(line, "GET", "settings").json()
        assert settings["GRAPH_ENDPOINT"] == line["graph"]
        assert settings["LANES"] == "3"
        assert settings["EXTRA"] == "a=b"
        assert settings["SSL_CERT_FILE"] == str(tmp_path / "trusted.pem")

        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stdout.read() == ""
    assert gone(line["pids"])


def test_messages_and_secrets_survive_the_death_of_any_part(stack: BlockingStack) -> None:
    line = stack.endpoints.line(stack.pids)
    assert call(line, "PUT", "secrets/kept/value").text == "value"
    for parts in (("vault", "broker", "identity"), ("host",)):
        for part in parts:
            stack.kill(part)
        for part in parts:
            stack.answering(part)
        assert call(line, "GET", "secrets/kept").text == "value"
        assert call(line, "POST", f"messages/after-{parts[0]}").status_code == 202
        wait_until_received(line["tableConnection"], f"after-{parts[0]}")


@pytest.mark.slow
def test_a_message_waits_for_a_host_that_is_down(stack: BlockingStack) -> None:
    connection = stack.endpoints.table_connection
    stack.stop("host")
    with (
        ServiceBusClient.from_connection_string(stack.endpoints.service_bus_connection) as client,
        client.get_queue_sender("intake") as sender,
    ):
        sender.send_messages(ServiceBusMessage("waiting"))
    assert "waiting" not in received(connection)
    stack.start("host")
    wait_until_received(connection, "waiting")


@pytest.mark.slow
def test_no_part_outlives_a_killed_supervisor_and_its_data_is_kept(tmp_path: Path) -> None:
    with up("--data", str(tmp_path)) as process:
        line = json.loads(process.stdout.readline())
        call(line, "POST", "messages/kept")
        wait_until_received(line["tableConnection"], "kept")
        process.kill()
    with up("--data", str(tmp_path)) as process:
        again = json.loads(process.stdout.readline())
        assert gone(line["pids"]), "the second stack waits for the processes of the first"
        assert "kept" in received(again["tableConnection"])


@pytest.mark.slow
def test_another_graph_replaces_the_stand_in_and_fresh_data_is_removed() -> None:
    with up("--fresh", GRAPH_ENDPOINT="https://graph.example") as process:
        line = json.loads(process.stdout.readline())
        assert line["graph"] == "https://graph.example"
        assert set(line["pids"]) == PARTS - {"graph"}
        assert call(line, "GET", "settings").json()["GRAPH_ENDPOINT"] == "https://graph.example"
        folder = Path(line["settings"]).parent
        process.terminate()
        assert process.wait() == 0
    assert not folder.exists()


@pytest.mark.slow
def test_an_app_that_cannot_be_loaded_ends_it_with_the_reason(tmp_path: Path) -> None:
    with up("--fresh", "--app", str(tmp_path)) as process:
        out, err = process.communicate()
    assert process.returncode == 1
    assert out == ""
    assert "host ended with 1 before it answered" in err


@pytest.mark.slow
def test_a_port_in_use_ends_it_with_the_reason(stack: BlockingStack) -> None:
    port = stack.endpoints.http.rsplit(":", 1)[1]
    with up("--fresh", "--port", port) as process:
        _, err = process.communicate()
    assert process.returncode == 1
    assert "address already in use" in err
    assert "Traceback" not in err
