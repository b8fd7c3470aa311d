"""Several hosts on the same queues: what Azure calls scaling out."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from azure.data.tables import TableServiceClient
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from local.up.blocking import BlockingStack, blocking_stack

APP = Path(__file__).parent / "apps" / "minimal"
HOSTS = ["host", "host-2", "host-3"]


@pytest.fixture(scope="module")
def stack() -> Iterator[BlockingStack]:
    with blocking_stack(app=APP, hosts=3) as stack:
        yield stack


def send(stack: BlockingStack, *names: str) -> None:
    connection = stack.endpoints.service_bus_connection
    with (
        ServiceBusClient.from_connection_string(connection) as client,
        client.get_queue_sender("intake") as sender,
    ):
        sender.send_messages([ServiceBusMessage(name) for name in names])


def receivers(stack: BlockingStack, *names: str) -> set[int]:
    """The processes that received these messages, once all have been."""
    with TableServiceClient.from_connection_string(stack.endpoints.table_connection) as service:
        table = service.create_table_if_not_exists("received")
        while True:
            found = {row["RowKey"]: row["process"] for row in table.list_entities()}
            if found.keys() >= set(names):
                return {found[name] for name in names}
            time.sleep(0.1)


def running(stack: BlockingStack, *names: str) -> set[int]:
    return {stack.pids[name] for name in names}


def test_all_of_them_take_from_the_queue_and_one_address_is_told(stack: BlockingStack) -> None:
    took = set[int]()
    for batch in itertools.count():  # each takes some in the end, or the test runs out of time
        names = [f"all-{batch}-{number}" for number in range(20)]
        send(stack, *names)
        took |= receivers(stack, *names)
        if took == running(stack, *HOSTS):
            break
    settings = f"{stack.endpoints.http}/api/settings"
    key = {"x-functions-key": stack.endpoints.function_key}
    assert httpx.get(settings, headers=key, trust_env=False).status_code == 200


def test_the_rest_go_on_without_the_first(stack: BlockingStack) -> None:
    stack.stop("host")
    send(stack, "without the first")
    assert receivers(stack, "without the first") <= running(stack, "host-2", "host-3")
    stack.start("host")


def test_one_that_was_killed_comes_back(stack: BlockingStack) -> None:
    before = stack.pids["host-2"]
    stack.kill("host-2")
    stack.answering("host-2")
    assert stack.pids["host-2"] != before


def test_timers_fire_on_one_of_them_and_on_another_when_it_ends(stack: BlockingStack) -> None:
    def fired() -> int:
        with TableServiceClient.from_connection_string(stack.endpoints.table_connection) as service:
            ticks = service.create_table_if_not_exists("ticks")
            seen = {row["RowKey"] for row in ticks.list_entities()}
            while not (new := [row for row in ticks.list_entities() if row["RowKey"] not in seen]):
                time.sleep(0.1)
        return int(new[0]["process"])

    first = fired()
    name = next(name for name in HOSTS if stack.pids[name] == first)
    assert {fired(), fired()} == {first}
    stack.stop(name)
    assert fired() in running(stack, *set(HOSTS) - {name})
    stack.start(name)
