"""What becomes of a message after its invocation."""

import asyncio
import logging

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusReceiver
from azure.servicebus.exceptions import MessageLockLostError, ServiceBusError

from local.host.host_json import RetryOptions

_log = logging.getLogger(__name__)


async def settle(
    receiver: ServiceBusReceiver,
    message: ServiceBusReceivedMessage,
    *,
    succeeded: bool,
    auto_complete: bool,
) -> None:
    """Complete after success (with auto-complete); abandon at once after failure (always).

    Abandoning makes the broker deliver again immediately and count up: there is no back-off in
    Azure. A settlement that fails is logged and raises ServiceBusError; the broker delivers the
    message again when its lock ends.
    """
    if succeeded and not auto_complete:
        return
    verb = "complete" if succeeded else "abandon"
    try:
        if succeeded:
            await receiver.complete_message(message)
        else:
            await receiver.abandon_message(message)
    except ServiceBusError as error:
        _log.warning("could not %s message %s: %s", verb, message.message_id, error)
        raise


async def settle_with_retries(
    receiver: ServiceBusReceiver,
    message: ServiceBusReceivedMessage,
    retry: RetryOptions,
    *,
    succeeded: bool,
    auto_complete: bool,
) -> None:
    """Settle over a new connection if need be, and give up quietly.

    For queues without sessions: there a lock outlives its connection.
    """
    for attempt in range(1, retry.max_retries + 2):
        try:
            await settle(receiver, message, succeeded=succeeded, auto_complete=auto_complete)
        except MessageLockLostError:
            return
        except ServiceBusError:
            if attempt <= retry.max_retries:
                await asyncio.sleep(retry.wait(attempt))
        else:
            return
