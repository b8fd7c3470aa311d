"""A Service Bus message of the Functions binding as the use cases know it."""

from typing import TYPE_CHECKING

import azure.functions as func

from shared.clock import utc_now
from shared.telemetry.line import note

if TYPE_CHECKING:
    from shared.messaging.received import Received


def received(queue: str, message: func.ServiceBusMessage) -> "Received":
    """Take over what the binding delivers."""
    from shared.messaging.received import Received, known_as
    from shared.telemetry.measurement import QUEUE_WAIT
    from shared.telemetry.metrics import measure

    known = known_as(message.message_id, message.sequence_number)
    note(queue=queue, message=known, delivery=message.delivery_count)
    if since := message.enqueued_time_utc:  # of a scheduled message: when it was due
        waited = max(0.0, (utc_now() - since).total_seconds())
        note(waited=round(waited, 3))
        measure(QUEUE_WAIT, waited, queue=queue)
    return Received(
        queue=queue,
        id=known,
        body=message.get_body(),
        session=message.session_id,
        subject=message.subject,
        correlation=message.correlation_id,
        content_type=message.content_type,
        properties=message.application_properties or {},
    )
