"""Sending through Azure Service Bus (azure-servicebus, aio)."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from shared.messaging.messages import CHANGES, Message, SendFailed
from shared.telemetry.span import Kind
from shared.telemetry.tracing import spanning

RETRIES = 1
LONGEST_SEND = 10.0
"""Seconds. What is not sent by then is on record, and comes again by timer or redelivery."""


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
    """Implements Sender: one open sender per queue, for the life of the process."""

    def __init__(self, client: ServiceBusClient) -> None:
        self._client = client
        self._senders: dict[str, ServiceBusSender] = {}
        # A sender may not be used by two coroutines at once.
        self._locks: dict[str, asyncio.Lock] = {}

    async def send(self, message: Message) -> None:
        """Return once the broker has the message; raises SendFailed."""
        with spanning(f"send {message.queue}", Kind.PRODUCER):
            await self._with_sender(
                message.queue,
                lambda sender: sender.send_messages(_encode(message), timeout=LONGEST_SEND),
            )

    async def ping(self) -> None:
        """Open a link and close it; one that is open already does not notice a broker that is gone.

        Raises whatever is wrong with the broker.
        """
        async with self._client.get_queue_sender(CHANGES) as sender:
            await sender.create_message_batch()

    async def _with_sender(
        self, queue: str, use: Callable[[ServiceBusSender], Awaitable[object]]
    ) -> None:
        async with self._locks.setdefault(queue, asyncio.Lock()):
            sender = self._senders.get(queue)
            if sender is None:
                sender = self._senders[queue] = self._client.get_queue_sender(queue)
            try:
                await use(sender)
            except BaseException as error:
                # A sender that failed, or was cancelled in mid-frame, may stay unusable: the next
                # message gets a new one.
                del self._senders[queue]
                await sender.close()
                if isinstance(error, AzureError | OSError | ValueError):
                    raise SendFailed(f"{queue}: {type(error).__name__}") from error
                raise

    async def close(self) -> None:
        """Close all senders and the client."""
        for sender in self._senders.values():
            await sender.close()
        await self._client.close()


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
