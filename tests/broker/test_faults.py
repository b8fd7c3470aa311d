"""Clients that vanish, and a disk that refuses."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

from local.broker.engine.settings import QueueSettings
from local.broker.server import Broker
from local.broker.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


pytestmark = pytest.mark.asyncio(loop_scope="module")


PATIENCE = 30
"""Seconds to wait for what comes at once on a machine with time: half a lock."""


def cut_off(handler: Any) -> None:
    """Reset a handler's TCP connection, as the death of its process does."""
    handler._handler._connection._transport.writer.transport.abort()


async def test_a_killed_client_frees_its_session_before_its_lock_ends(
    aio: ServiceBusClient, new_queue: Callable[[str], str], opened: Any
) -> None:
    name = new_queue("sessions")  # Its locks last for a minute.
    sender = aio.get_queue_sender(name)
    victim = aio.get_queue_receiver(name, session_id="s")
    heir = aio.get_queue_receiver(name, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=PATIENCE)
    async with opened(sender, victim):
        await sender.send_messages(ServiceBusMessage("a", session_id="s"))
        await victim.receive_messages(1, max_wait_time=PATIENCE)
        waiting = asyncio.create_task(heir.__aenter__())
        cut_off(victim)
        await waiting
        (message,) = await heir.receive_messages(1, max_wait_time=PATIENCE)
        assert (str(message), message.delivery_count) == ("a", 0)
        await heir.complete_message(message)
        await heir.close()


async def test_a_killed_client_keeps_the_locks_on_messages_without_a_session(
    aio: ServiceBusClient,
    new_queue: Callable[[str], str],
    opened: Any,
    let_pass: Callable[[int], None],
) -> None:
    name = new_queue("plain")
    handlers = (
        aio.get_queue_sender(name),
        aio.get_queue_receiver(name),
        aio.get_queue_receiver(name),
    )
    async with opened(*handlers) as (sender, victim, heir):
        await sender.send_messages(ServiceBusMessage("a"))
        (lost,) = await victim.receive_messages(1, max_wait_time=PATIENCE)
        cut_off(victim)
        await sender.send_messages(ServiceBusMessage("b"))
        (message,) = await heir.receive_messages(1, max_wait_time=PATIENCE)
        assert str(message) == "b", "an older message that is free would come first"
        let_pass(60_000)
        (message,) = await heir.receive_messages(1, max_wait_time=PATIENCE)
        assert (str(message), message.delivery_count) == ("a", 1)
        assert message.locked_until_utc > lost.locked_until_utc
        await heir.complete_message(message)


async def test_nothing_is_acknowledged_that_cannot_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        Broker([QueueSettings(name="q")], data=tmp_path) as broker,
        ServiceBusClient.from_connection_string(broker.connection_string, retry_total=0) as client,
    ):
        sender = client.get_queue_sender("q")
        await sender.send_messages(ServiceBusMessage("stored"))

        def full(_: SqliteJournal) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(SqliteJournal, "_write", full)
            with pytest.raises((ServiceBusError, OSError)):
                await sender.send_messages(ServiceBusMessage("not stored"))
            with pytest.raises(OSError, match=r"refused|failed"):
                await asyncio.open_connection("127.0.0.1", broker.port)
        await sender.close()
    assert "the broker stops" in caplog.text
