"""Consumes a queue with sessions: up to maxConcurrentSessions at a time, one call in each.

A slot accepts the next available session, works it off in order, gives it back after
sessionIdleTimeout without a message, and accepts another (.NET's SessionReceiverManager).
"""

import asyncio
import logging
import os
import time

from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver
from azure.servicebus.exceptions import (
    MessageLockLostError,
    OperationTimeoutError,
    SessionLockLostError,
)

from local.host.servicebus.dispatch import Dispatcher
from local.host.servicebus.renewal import renewed
from local.host.servicebus.settlement import settle
from local.host.servicebus.waiting import Link, unless

_log = logging.getLogger(__name__)
_ACCEPT_WAIT = 30.0
"""Seconds that the broker may keep a slot waiting for a session; then the slot asks again."""
_SLICE = 2.0
"""Seconds of one receive call, so that a session lock can be renewed while its session idles."""
_SHORTEST = 0.5
"""Seconds; shorter receive calls can lock a message and return without it (SDK issue 35591)."""


class SessionListener:
    """One function's listener on one queue with sessions."""

    def __init__(self, client: ServiceBusClient, queue: str, dispatcher: Dispatcher) -> None:
        self._client = client
        self._queue = queue
        self._dispatcher = dispatcher
        self._options = dispatcher.options
        self._link = Link(queue)
        # As many slots ask for a session at a time as in .NET's processor.
        self._accepting = asyncio.Semaphore(2 * (os.cpu_count() or 1))
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set, then finish the messages in hand."""
        slots = range(self._options.max_concurrent_sessions)
        await asyncio.gather(*(self._run_slot(stopping) for _ in slots))
        await asyncio.gather(*self._closing)

    async def _run_slot(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            receiver = self._client.get_queue_receiver(
                self._queue,
                session_id=NEXT_AVAILABLE_SESSION,
                max_wait_time=_ACCEPT_WAIT,
                prefetch_count=self._options.prefetch_count,
            )
            try:
                async with self._accepting:
                    await unless(stopping, receiver.__aenter__())
                self._link.works()
                if not stopping.is_set():
                    await self._hold(receiver, stopping)
            except OperationTimeoutError:
                self._link.works()  # The broker has answered: no session has messages.
            except (SessionLockLostError, MessageLockLostError) as error:
                _log.warning("queue %s: session lost: %s", self._queue, error)
            except Exception as error:  # noqa: BLE001 the SDK lets errors of any kind out
                await self._link.lost(error, stopping)
            finally:
                self._close(receiver)

    async def _hold(self, receiver: ServiceBusReceiver, stopping: asyncio.Event) -> None:
        gate = asyncio.Lock()
        session = receiver.session
        assert session.locked_until_utc is not None  # noqa: S101 every granted session has it
        async with renewed(
            session.locked_until_utc, session.renew_lock, gate, self._options.max_auto_lock_renewal
        ):
            while (message := await self._next(receiver, gate, stopping)) is not None:
                succeeded = await self._dispatcher.invoke(message)
                # An error ends the hold on the session: with its link its lock is gone.
                async with gate:
                    await settle(
                        receiver,
                        message,
                        succeeded=succeeded,
                        auto_complete=self._dispatcher.auto_complete,
                    )

    async def _next(
        self, receiver: ServiceBusReceiver, gate: asyncio.Lock, stopping: asyncio.Event
    ) -> ServiceBusReceivedMessage | None:
        """The session's next message; None when it has been idle too long or the host stops."""
        deadline = time.monotonic() + self._options.session_idle_timeout.total_seconds()
        while not stopping.is_set():
            wait = max(_SHORTEST, min(_SLICE, deadline - time.monotonic()))
            async with gate:
                messages = await unless(
                    stopping, receiver.receive_messages(max_message_count=1, max_wait_time=wait)
                )
            if messages:
                return messages[0]
            if time.monotonic() >= deadline:
                return None
        return None

    def _close(self, receiver: ServiceBusReceiver) -> None:
        """Give the session back now; the SDK takes another second to close the connection."""
        task = asyncio.create_task(_closed(receiver))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _closed(receiver: ServiceBusReceiver) -> None:
    try:
        await receiver.close()
    except Exception as error:  # noqa: BLE001 a connection that is gone closes with any error
        _log.debug("receiver closed with %r", error)
