"""Messages on `outcomes`: what became of a change is written back to where it was asked for."""

import azure.functions as func

from functions.observing import observing
from functions.servicebus import received

blueprint = func.Blueprint()


@blueprint.function_name("write_back")
@blueprint.service_bus_queue_trigger(
    arg_name="message",
    queue_name="outcomes",
    connection="ServiceBus",
    data_type=func.DataType.BINARY,
)
@observing("message")
async def write_back(message: func.ServiceBusMessage) -> None:
    """Tell the tool that the ticket is in; raises to dead-letter what it does not take."""
    from shared.writeback.composition import outcome_messages

    await outcome_messages().handle(received("outcomes", message))
