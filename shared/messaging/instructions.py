"""What a use case tells its trigger to do with the message; the trigger only carries it out.

Done        the host completes the message
RetryAfter  schedule a copy, then complete: nothing sleeps on a message lock
Hold        a window or a person decides when it goes on; with a message, at its time
Reject      raise, so that the broker moves the message to the dead-letter queue
"""

from dataclasses import dataclass

from shared.messaging.messages import Message, Sender


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do with this message."""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Look again at the time that `message` is scheduled for."""

    message: Message


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now; `message` comes when it may go on."""

    message: Message


@dataclass(frozen=True, slots=True)
class Reject:
    """Permanent, with the reason already on the record."""

    code: str
    detail: str


type Instruction = Done | RetryAfter | Hold | Reject


class Rejected(Exception):
    """Raised to the host, which abandons the message until the broker dead-letters it."""


async def carry_out(instruction: Instruction, sender: Sender) -> None:
    """Do what the instruction says; raises Rejected for a Reject."""
    match instruction:
        case RetryAfter(message) | Hold(message):
            await sender.send(message)
        case Reject(code, detail):
            raise Rejected(f"{code}: {detail}")
        case Done():
            pass
