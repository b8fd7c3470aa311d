"""Consumes a queue without sessions: maxConcurrentCalls slots, each with a receiver of its own."""

import asyncio
import logging
import os
import time

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

from .dispatch import Dispatcher
from .renewal import renewed
from .waiting import BackOff, unless

_log = logging.getLogger(__name__)
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
        # A waiting receiver polls its socket, so only a few of the free slots wait at a time; the
        # others follow as these take a message.
        self._waiting = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set, then finish the messages in hand."""
        slots = range(self._dispatcher.options.max_concurrent_calls)
        await asyncio.gather(*(self._run_slot(stopping) for _ in slots))

    async def _run_slot(self, stopping: asyncio.Event) -> None:
        back_off = BackOff()
        while not stopping.is_set():
            try:
                await self._consume(stopping, back_off)
            except Exception as error:  # noqa: BLE001 the SDK lets errors of any kind out
                if back_off.attempts == 0:
                    _log.warning("queue %s: receiver lost: %r", self._queue, error)
            await back_off.pause(stopping)

    async def _consume(self, stopping: asyncio.Event, back_off: BackOff) -> None:
        receiver = self._client.get_queue_receiver(
            self._queue, prefetch_count=self._dispatcher.options.prefetch_count
        )
        try:
            await unless(stopping, receiver.__aenter__())
            while not stopping.is_set():
                async with self._waiting:
                    messages = await unless(stopping, _receive(receiver))
                back_off.succeeded()
                for message in messages or []:
                    await self._process(receiver, message)
        finally:
            await receiver.close()

    async def _process(
        self, receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage
    ) -> None:
        gate = asyncio.Lock()
        limit = self._dispatcher.options.max_auto_lock_renewal
        assert message.locked_until_utc is not None  # noqa: S101 every peek-locked message has it
        async with renewed(
            message.locked_until_utc, lambda: receiver.renew_message_lock(message), gate, limit
        ):
            succeeded = await self._dispatcher.invoke(message)
        await self._dispatcher.settle(receiver, message, gate, succeeded=succeeded)


async def _receive(receiver: ServiceBusReceiver) -> list[ServiceBusReceivedMessage]:
    started = time.monotonic()
    messages = await receiver.receive_messages(max_message_count=1, max_wait_time=_RECEIVE_WAIT)
    if not messages and time.monotonic() - started < _EARLY:
        raise ConnectionError("the link is gone")
    return messages
