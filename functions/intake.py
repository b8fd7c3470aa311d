"""The queue way in: messages of other systems on `intake`, through the same gate as HTTP."""

import azure.functions as func

from functions.observing import observing
from functions.servicebus import received
from shared import composition

blueprint = func.Blueprint()


@blueprint.function_name("intake_message")
@blueprint.service_bus_queue_trigger(
    arg_name="message",
    queue_name="intake",
    connection="ServiceBus",
    # Bytes as they were sent: a body that is not UTF-8 has to be refused, not mangled.
    data_type=func.DataType.BINARY,
)
@observing("message")
async def intake_message(message: func.ServiceBusMessage) -> None:
    """Accept the change that the message asks for; raises to dead-letter it."""
    await composition.intake_messages().handle(received("intake", message))
