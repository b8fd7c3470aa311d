"""A Service Bus message of the Functions binding as the use cases know it."""

import azure.functions as func

from shared.messaging.received import Received, known_as


def received(queue: str, message: func.ServiceBusMessage) -> Received:
    """Take over what the binding delivers."""
    return Received(
        queue=queue,
        id=known_as(message.message_id, message.sequence_number),
        body=message.get_body(),
        session=message.session_id,
        subject=message.subject,
        correlation=message.correlation_id,
        content_type=message.content_type,
        properties=message.application_properties or {},
    )
