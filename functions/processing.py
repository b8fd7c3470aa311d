"""Messages on `changes`, one lane at a time: apply, verify, settle."""

import azure.functions as func

from functions.observing import observing
from functions.servicebus import received
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("changes_message")
@blueprint.service_bus_queue_trigger(
    arg_name="message",
    queue_name="changes",
    connection="ServiceBus",
    is_sessions_enabled=True,
    data_type=func.DataType.BINARY,
)
@observing("message")
async def changes_message(message: func.ServiceBusMessage) -> None:
    """Carry the change to its next state; raises to dead-letter the message."""
    await composition.changes_messages().handle(received("changes", message))
