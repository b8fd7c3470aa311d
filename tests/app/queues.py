"""The queues through the real SDK, as other systems and operators use them."""

import functools
import json
import uuid
from collections.abc import Mapping
from typing import Any, Self

from azure.servicebus import (
    ServiceBusClient,
    ServiceBusMessage,
    ServiceBusReceivedMessage,
    ServiceBusSubQueue,
)
from waiting import eventually

from local.up.endpoints import Endpoints


class Queues:
    """Sends to any queue; reads by peeking, so that tests take nothing from each other."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._client = ServiceBusClient.from_connection_string(endpoints.service_bus_connection)
        # Kept open, because closing one takes the SDK half a second.
        self._sender = functools.cache(self._client.get_queue_sender)
        self._receiver = functools.cache(self._client.get_queue_receiver)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, queue: str, message: ServiceBusMessage) -> None:
        """Send a message as it is."""
        self._sender(queue).send_messages(message)

    def send_intake(
        self,
        body: Any,
        *,
        message_id: str | None = None,
        content_type: str | None = "application/json",
        properties: Mapping[str, str | int] | None = None,
    ) -> str:
        """Send bytes as they are, or anything else as JSON; the message id."""
        message_id = message_id or str(uuid.uuid4())
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = ServiceBusMessage(
            content,
            message_id=message_id,
            content_type=content_type,
            application_properties=dict(properties or {}),
        )
        self.send("intake", message)
        return message_id

    def peek(self, queue: str, *, dead: bool = False) -> list[ServiceBusReceivedMessage]:
        """Every message of a queue, or of its dead-letter queue, oldest first."""
        sub_queue = ServiceBusSubQueue.DEAD_LETTER if dead else None
        receiver = self._receiver(queue, sub_queue=sub_queue)
        found: list[ServiceBusReceivedMessage] = []
        position = 1  # to the SDK, 0 means behind what this receiver has peeked before
        while page := receiver.peek_messages(250, sequence_number=position):
            found += page
            position = page[-1].sequence_number + 1
        return found

    def outcomes(self, correlation: str) -> list[dict[str, Any]]:
        """What `outcomes` says to whoever asked: by change id, or by the key it was asked with."""
        found = []
        for message in self.peek("outcomes"):
            document = json.loads(b"".join(message.body))
            if correlation in (document["id"], document["key"]):
                found.append(document)
        return found

    def outcome(self, correlation: str, *, within: float = 20.0) -> dict[str, Any]:
        """The first outcome of a change or a refused message, once it is there."""
        what = f"an outcome of {correlation}"
        return eventually(lambda: self.outcomes(correlation), within=within, what=what)[0]

    def dead_letter(
        self, queue: str, message_id: str, *, within: float = 20.0
    ) -> ServiceBusReceivedMessage:
        """The dead letter of that message id, once it is there."""

        def found() -> ServiceBusReceivedMessage | None:
            dead = self.peek(queue, dead=True)
            return next((each for each in dead if each.message_id == message_id), None)

        return eventually(found, within=within, what=f"a dead letter {message_id} in {queue}")

    def dead_change(self, change: str, *, within: float = 20.0) -> ServiceBusReceivedMessage:
        """The dead letter of that change, once it is there."""

        def found() -> ServiceBusReceivedMessage | None:
            dead = self.peek("changes", dead=True)
            return next((each for each in dead if each.correlation_id == change), None)

        return eventually(found, within=within, what=f"a dead letter of {change}")
