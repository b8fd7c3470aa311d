"""Sending through Azure Service Bus (azure-servicebus, aio)."""

import asyncio
import ssl
from collections.abc import Sequence
from itertools import accumulate

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from shared.messaging.messages import CHANGES, Message, SendFailed
from shared.telemetry.span import Kind
from shared.telemetry.tracing import spanning
from shared.together import Together

RETRIES = 1
LONGEST_SEND = 10.0
"""Seconds. What is not sent by then is on record, and comes again by timer or redelivery."""
LARGEST_BATCH, MOST_AROUND = 192 * 1024, 2 * 1024
"""Bytes: of the 256 KiB that the standard tier takes, and what a message has beside its body."""


def connect(target: str, credential: AsyncTokenCredential | None) -> ServiceBusClient:
    """Connect by namespace and identity, or by connection string where there is none."""
    # Else the SDK loads the trusted authorities again for every link, which takes it 30 ms.
    trusted = ssl.create_default_context()
    if credential is None:
        return ServiceBusClient.from_connection_string(
            target, retry_total=RETRIES, ssl_context=trusted
        )
    return ServiceBusClient(target, credential, retry_total=RETRIES, ssl_context=trusted)


class ServiceBusQueues:
    """Implements Sender: one open sender per queue, for the life of the process.

    A sender may not be used by two coroutines at once, so messages that come while it is at work
    go together in the next batch. Each message keeps its own session and time in a batch; all of it
    arrives, or nothing.
    """

    def __init__(self, client: ServiceBusClient) -> None:
        self._client = client
        self._senders: dict[str, ServiceBusSender] = {}
        self._queues: dict[str, Together[Message | None, None]] = {}

    async def send(self, message: Message) -> None:
        """Return once the broker has the message; raises SendFailed."""
        with spanning(f"send {message.queue}", Kind.PRODUCER):
            await self._queue(message.queue).do(message)

    async def open(self, queue: str) -> None:
        """Open the sender of a queue before there is something to send; raises SendFailed."""
        await self._queue(queue).do(None)

    def _queue(self, queue: str) -> Together[Message | None, None]:
        if queue not in self._queues:
            self._queues[queue] = Together(lambda messages: self._send(queue, messages), _fit)
        return self._queues[queue]

    async def ping(self) -> None:
        """Open a link and close it; one that is open already does not notice a broker that is gone.

        Raises whatever is wrong with the broker.
        """
        async with self._client.get_queue_sender(CHANGES) as sender:
            await sender.create_message_batch()

    async def _send(self, queue: str, messages: Sequence[Message | None]) -> Sequence[None]:
        sender = self._senders.get(queue)
        if sender is None:
            sender = self._senders[queue] = self._client.get_queue_sender(queue)
        try:
            encoded = [_encode(message) for message in messages if message]
            if encoded:
                # A list is sent as a batch, even one of a single message, which costs more.
                one_or_all = encoded if len(encoded) > 1 else encoded[0]
                await sender.send_messages(one_or_all, timeout=LONGEST_SEND)
            else:
                async with asyncio.timeout(LONGEST_SEND):
                    await sender.create_message_batch()
        except BaseException as error:
            # A sender that failed, or was cancelled in mid-frame, may stay unusable: the next
            # message gets a new one.
            del self._senders[queue]
            await sender.close()
            if isinstance(error, AzureError | OSError | ValueError):
                raise SendFailed(f"{queue}: {type(error).__name__}") from error
            raise
        return [None] * len(messages)

    async def close(self) -> None:
        """Close all senders and the client."""
        for sender in self._senders.values():
            await sender.close()
        await self._client.close()


def _fit(messages: Sequence[Message | None]) -> int:
    """As many as surely fit a batch; a large one goes alone, so that it takes none along if not."""
    size = accumulate(len(message.body) + MOST_AROUND if message else 0 for message in messages)
    return max(1, sum(total <= LARGEST_BATCH for total in size))


def _encode(message: Message) -> ServiceBusMessage:
    return ServiceBusMessage(
        message.body,
        message_id=message.id,
        session_id=message.session,
        subject=message.subject,
        correlation_id=message.correlation,
        content_type=message.content_type,
        application_properties=dict(message.properties.items()),
        scheduled_enqueue_time_utc=message.at,
    )
