"""What happens to a message when Sluice itself, or a store it needs, fails.

Raising would use up every delivery within milliseconds, because Azure redelivers an abandoned
message at once. So a fault is met with a scheduled copy, later each time; only a fault that stays
sends the message to the dead-letter queue.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.clock import Clock
from shared.messaging.instructions import Instruction, Rejected, carry_out
from shared.messaging.messages import Message, Sender

FAILURES = "SluiceFailures"
"""The application property that counts the faults a message has met."""

_FIRST, _LONGEST, MOST_FAILURES = timedelta(seconds=2), timedelta(minutes=5), 12

_log = logging.getLogger(__name__)

type Copy = Callable[[int], Message]
"""The same message again, with so many failures on it."""


async def guarded(
    work: Callable[[], Awaitable[Instruction]],
    *,
    failures: int,
    copy: Copy,
    give_up: Callable[[Exception], Awaitable[Instruction]],
    sender: Sender,
    clock: Clock,
) -> None:
    """Do the work and what it says; on a fault of ours, try later, in the end `give_up`.

    Raises Rejected for a message that belongs in the dead-letter queue, and whatever went wrong
    when not even a copy could be sent.
    """
    try:
        await carry_out(await work(), sender)
    except Rejected:
        raise
    except Exception as error:  # noqa: BLE001  any fault of ours may pass
        _log.exception("fault %d on this message", failures + 1)
        if failures + 1 >= MOST_FAILURES:
            await carry_out(await give_up(error), sender)
            return
        delay = min(_FIRST * 2**failures, _LONGEST)
        message = copy(failures + 1)
        await sender.send(message.scheduled(clock() + delay))
