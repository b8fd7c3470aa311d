"""What was acknowledged outlives `kill -9` of the real process."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def broker_process(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.broker", "--data", str(data)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    try:
        yield process, ready["serviceBusConnection"]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_kill_9_in_mid_run_loses_nothing_that_was_acknowledged(
    tmp_path: Path, opened: Any
) -> None:
    sent: set[str] = set()
    completed: set[str] = set()
    dead: set[str] = set()
    in_doubt: set[str] = set()

    async def send(client: ServiceBusClient, process: asyncio.subprocess.Process) -> None:
        async with client.get_queue_sender("outcomes") as sender:
            for number in range(10_000):
                in_doubt.add(str(number))
                await sender.send_messages(
                    ServiceBusMessage(str(number), message_id=f"id-{number}")
                )
                in_doubt.discard(str(number))
                sent.add(str(number))
                if number >= 400 and completed and dead:
                    process.send_signal(signal.SIGKILL)

    async def receive(client: ServiceBusClient) -> None:
        async with client.get_queue_receiver("outcomes") as receiver:
            while True:
                for message in await receiver.receive_messages(3, max_wait_time=1):
                    body = str(message)
                    in_doubt.add(body)
                    if int(body) % 5 == 0:
                        await receiver.dead_letter_message(message, reason="fifth")
                        dead.add(body)
                    elif int(body) % 5 == 1:
                        await receiver.complete_message(message)
                        completed.add(body)
                    in_doubt.discard(body)

    async with (
        broker_process(tmp_path) as (process, connection),
        ServiceBusClient.from_connection_string(connection, retry_total=0) as client,
    ):
        outcomes = await asyncio.gather(
            send(client, process), receive(client), return_exceptions=True
        )
        assert all(isinstance(outcome, (ServiceBusError, OSError)) for outcome in outcomes)
        assert await process.wait() == -signal.SIGKILL
    assert len(sent) > 400
    assert completed
    assert dead

    async with (
        broker_process(tmp_path) as (_, connection),
        ServiceBusClient.from_connection_string(connection, retry_total=0) as client,
    ):
        queue = client.get_queue_receiver("outcomes")
        graves = client.get_queue_receiver("outcomes", sub_queue="deadletter")
        async with opened(queue, graves, client.get_queue_sender("outcomes")) as (*_, sender):
            alive = {str(each) for each in await queue.peek_messages(9999, sequence_number=1)}
            buried = {str(each) for each in await graves.peek_messages(9999, sequence_number=1)}
            assert alive - in_doubt == sent - completed - dead - in_doubt
            assert buried - in_doubt == dead - in_doubt
            # Duplicate detection remembers, and locks do not outlive the process.
            await sender.send_messages(ServiceBusMessage("again", message_id="id-1"))
            assert "again" not in {str(each) for each in await queue.peek_messages(9999)}
            got = await queue.receive_messages(5, max_wait_time=60)
            assert {message.delivery_count for message in got} == {0}


async def test_a_second_broker_refuses_a_folder_in_use(tmp_path: Path) -> None:
    async with broker_process(tmp_path):
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "local.broker", "--data", str(tmp_path)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await second.communicate()
        assert second.returncode != 0
        assert b"in use" in errors
