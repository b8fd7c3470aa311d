"""What the use cases need of a store. Every write is conditional or idempotent."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.changes.operation import Operation
from shared.changes.problems import Problem


class Overtaken(Exception):
    """Somebody else wrote the record since it was read; read it again and decide again."""


class Operations(Protocol):
    """The records of all changes."""

    async def create(self, operation: Operation) -> Operation | None:
        """Write a new record, marked as not yet queued; None when there is one of that id."""

    async def get(self, operation_id: str) -> Operation | None:
        """The record, or None."""

    async def save(self, operation: Operation) -> Operation:
        """Write the record if it is still as it was read; raises Overtaken."""

    async def queued(self, operation_id: str) -> None:
        """Take away the mark of `create`: its message is in the queue."""

    def unqueued(self, before: datetime) -> AsyncIterator[str]:
        """The ids of operations created before then whose mark still stands."""


class Lines(Protocol):
    """Per device, the operations that have begun or wait, first come first."""

    async def enter(self, device: str, operation_id: str) -> Sequence[str]:
        """Stand in the line of `device`, at its end unless already there; the whole line."""

    async def leave(self, device: str, operation_id: str) -> Sequence[str]:
        """Step out of the line; who still stands in it."""


class Aliases(Protocol):
    """Which device an identifier has turned out to be."""

    async def find(self, address: str) -> str | None:
        """The device of an address, if it was learnt before."""

    async def learn(self, address: str, device: str) -> None:
        """Remember it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message never became an operation. Holds nothing of its body."""

    queue: str
    message_id: str
    problems: tuple[Problem, ...]
    at: datetime


class Refusals(Protocol):
    """The refused messages, by queue and message id."""

    async def put(self, refusal: Refusal) -> None:
        """Record it, over an earlier one of the same message id."""

    async def get(self, queue: str, message_id: str) -> Refusal | None:
        """The refusal of that message, or None."""
