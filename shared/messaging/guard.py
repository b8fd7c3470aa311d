"""What happens to a message when Sluice itself, or a store it needs, fails.

Raising would use up every delivery within milliseconds, because Azure redelivers an abandoned
message at once. So a fault is met with a scheduled copy, later each time; only a fault that stays
sends the message to the dead-letter queue.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.clock import Clock
from shared.messaging.instructions import Instruction, Reject, Rejected, carry_out
from shared.messaging.messages import Message, Sender
from shared.telemetry.line import note

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
        instruction = await work()
        _noted(instruction)
        await carry_out(instruction, sender)
    except Rejected:
        raise
    except Exception as error:  # noqa: BLE001  any fault of ours may pass
        note(outcome="fault", fault=type(error).__name__, failures=failures + 1)
        _log.exception("the fault of the next line")
        if failures + 1 >= MOST_FAILURES:
            instruction = await give_up(error)
            _noted(instruction)
            await carry_out(instruction, sender)
            return
        delay = min(_FIRST * 2**failures, _LONGEST)
        message = copy(failures + 1)
        await sender.send(message.scheduled(clock() + delay))


def _noted(instruction: Instruction) -> None:
    code = instruction.code if isinstance(instruction, Reject) else None
    note(outcome=type(instruction).__name__.lower(), code=code)
