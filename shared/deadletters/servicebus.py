"""The dead-letter queues through azure-servicebus (aio)."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from azure.servicebus import ServiceBusReceivedMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver
from azure.servicebus.amqp import AmqpMessageBodyType

from shared.deadletters.ports import DeadMessage, Handler
from shared.messaging.received import Received, known_as

_PAGE = 100
_WAIT = 2.0
"""Seconds without a further message after which the queue counts as read to its end."""


class ServiceBusDeadLetters:
    """Implements DeadLetterQueues."""

    def __init__(self, client: ServiceBusClient) -> None:
        self._client = client

    async def browse(self, queue: str) -> AsyncIterator[DeadMessage]:
        """Peek at all of them, oldest first."""
        async with self._receiver(queue) as receiver:
            position = 0
            while page := await receiver.peek_messages(_PAGE, sequence_number=position):
                for message in page:
                    yield _dead(queue, message)
                position = (page[-1].sequence_number or position) + 1

    async def drain(self, queue: str, wanted: Collection[int], handle: Handler) -> None:
        """Lock the messages with these sequence numbers and hand them over.

        What is left where it is stays locked until the end, so that it does not come twice.
        """
        if not wanted:
            return
        missing, left = set(wanted), list[ServiceBusReceivedMessage]()
        async with self._receiver(queue) as receiver:
            try:
                while missing:
                    page = await receiver.receive_messages(_PAGE, max_wait_time=_WAIT)
                    if not page:
                        return
                    left += page
                    for message in page:
                        number = message.sequence_number or 0
                        if number in missing and await handle(_dead(queue, message)):
                            await receiver.complete_message(message)
                            left.remove(message)
                        missing.discard(number)
            finally:
                for message in left:
                    await receiver.abandon_message(message)

    def _receiver(self, queue: str) -> ServiceBusReceiver:
        return self._client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER)


def _dead(queue: str, message: ServiceBusReceivedMessage) -> DeadMessage:
    body = _bytes(message)
    return DeadMessage(
        message=Received(
            queue=queue,
            id=known_as(message.message_id, message.sequence_number),
            body=body or b"",
            session=message.session_id,
            subject=message.subject,
            correlation=message.correlation_id,
            content_type=message.content_type,
            properties=_texts(message.application_properties or {}),
        ),
        sequence_number=message.sequence_number or 0,
        enqueued_at=message.enqueued_time_utc,
        delivery_count=message.delivery_count or 0,
        reason=message.dead_letter_reason or "",
        description=message.dead_letter_error_description or "",
        in_bytes=body is not None,
    )


def _bytes(message: ServiceBusReceivedMessage) -> bytes | None:
    """The body as the host's binary binding takes it; None where it cannot."""
    body = message.body
    match message.body_type:
        case AmqpMessageBodyType.DATA:
            return b"".join(body)
        case AmqpMessageBodyType.VALUE if isinstance(body, bytes):
            return body
        case _:
            return None


def _texts(properties: Mapping[Any, Any]) -> dict[str, Any]:
    """The SDK gives keys and texts as bytes."""
    return {_text(name): _text(value) for name, value in properties.items()}


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
