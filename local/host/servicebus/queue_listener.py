"""Consumes a queue without sessions: maxConcurrentCalls slots, each with a receiver of its own."""

import asyncio
import os
import time

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

from local.host.servicebus.dispatch import Dispatcher
from local.host.servicebus.renewal import renewed
from local.host.servicebus.settlement import settle_with_retries
from local.host.servicebus.waiting import Link, unless

_RECEIVE_WAIT = 60.0
"""Seconds of one receive call; at its end the next begins."""
_EARLY = 0.5
"""Seconds: a call that ends sooner and empty has lost its link without saying so."""


class QueueListener:
    """One function's listener on one queue."""

    def __init__(self, client: ServiceBusClient, queue: str, dispatcher: Dispatcher) -> None:
        self._client = client
        self._queue = queue
        self._dispatcher = dispatcher
        self._link = Link(queue)
        # A waiting receiver polls its socket, so only a few of the free slots wait at a time; the
        # others follow as these take a message.
        self._waiting = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set, then finish the messages in hand."""
        slots = range(self._dispatcher.options.max_concurrent_calls)
        await asyncio.gather(*(self._run_slot(stopping) for _ in slots))

    async def _run_slot(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._consume(stopping)
            except Exception as error:  # noqa: BLE001 the SDK lets errors of any kind out
                await self._link.lost(error, stopping)

    async def _consume(self, stopping: asyncio.Event) -> None:
        receiver = self._client.get_queue_receiver(
            self._queue, prefetch_count=self._dispatcher.options.prefetch_count
        )
        try:
            await unless(stopping, receiver.__aenter__())
            self._link.works()
            while not stopping.is_set():
                async with self._waiting:
                    messages = await unless(stopping, _receive(receiver))
                for message in messages or []:
                    await self._process(receiver, message)
        finally:
            await receiver.close()

    async def _process(
        self, receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage
    ) -> None:
        options = self._dispatcher.options
        gate = asyncio.Lock()
        assert message.locked_until_utc is not None  # noqa: S101 every peek-locked message has it
        async with renewed(
            message.locked_until_utc,
            lambda: receiver.renew_message_lock(message),
            gate,
            options.max_auto_lock_renewal,
        ):
            succeeded = await self._dispatcher.invoke(message)
        await settle_with_retries(
            receiver,
            message,
            options.retry,
            succeeded=succeeded,
            auto_complete=self._dispatcher.auto_complete,
        )


async def _receive(receiver: ServiceBusReceiver) -> list[ServiceBusReceivedMessage]:
    started = time.monotonic()
    messages = await receiver.receive_messages(max_message_count=1, max_wait_time=_RECEIVE_WAIT)
    if not messages and time.monotonic() - started < _EARLY:
        raise ConnectionError("the link is gone")
    return messages
