"""What becomes of a message after its invocation."""

import asyncio
import logging

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusReceiver
from azure.servicebus.exceptions import MessageLockLostError, ServiceBusError, SessionLockLostError

from local.host.host_json import RetryOptions

_log = logging.getLogger(__name__)


async def settle(
    receiver: ServiceBusReceiver,
    message: ServiceBusReceivedMessage,
    *,
    succeeded: bool,
    auto_complete: bool,
    retry: RetryOptions,
) -> None:
    """Complete after success (with auto-complete), abandon at once after failure, in either case.

    Abandoning makes the broker deliver again immediately and count up: there is no back-off in
    Azure. A failed settlement is logged and changes nothing else; the broker delivers again when
    the lock ends. Raises SessionLockLostError when the whole session is gone.
    """
    if succeeded and not auto_complete:
        return
    verb = "complete" if succeeded else "abandon"
    operation = receiver.complete_message if succeeded else receiver.abandon_message
    for attempt in range(1, retry.max_retries + 2):
        try:
            await operation(message)
        except SessionLockLostError:
            _log.warning("could not %s message %s: session lost", verb, message.message_id)
            raise
        except ServiceBusError as error:
            _log.warning("could not %s message %s: %s", verb, message.message_id, error)
            if isinstance(error, MessageLockLostError) or attempt > retry.max_retries:
                return
            await asyncio.sleep(retry.wait(attempt))
        else:
            return
