"""What the use cases need of a store. Every write is conditional or idempotent."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from shared.changes.operation import Operation
from shared.changes.problems import Problem
from shared.changes.states import State


class Overtaken(Exception):
    """Somebody else wrote the record since it was read; read it again and decide again."""


class Operations(Protocol):
    """The records of all changes."""

    async def create(self, operation: Operation) -> Operation | None:
        """Write a new record, marked as not yet queued; None when there is one of that id."""

    async def get(self, operation_id: str) -> Operation | None:
        """The record, or None."""

    async def find(self, text: str) -> Operation | None:
        """The record that an id from outside names; None when it is no id at all."""

    async def save(self, operation: Operation) -> Operation:
        """Write the record if it is still as it was read; raises Overtaken."""

    async def queued(self, operation_id: str) -> None:
        """Take away the mark of `create`: its message is in the queue."""

    def unqueued(self, before: datetime) -> AsyncIterator[str]:
        """The ids of operations created before then whose mark still stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """The operations of one device that have begun or wait, first come first.

    `device` is what the line is known by: `device:<deviceId>`, or another address while nobody
    has found out which device it means. While it is being moved, its operations may stand in the
    line `moving_to` as well.
    """

    device: str
    operations: tuple[str, ...]
    moving_to: str | None = None


class Lines(Protocol):
    """The lines of all devices. Whoever asks by an address is led to the line of its device.

    Each stands there with the turn that it was at when it entered last. Who takes it out says of
    which turn it knows: one that a person has let go on since is at a later one, and stays.
    """

    async def find(self, address: str) -> str:
        """The device that an address turned out to be, else the address itself."""

    async def enter(
        self, address: str, operation_id: str, turn: int, *, standing: bool = False
    ) -> Line:
        """Stand in the line, at its end unless already in it. A full line takes nobody.

        `standing` says that it most likely is in it; a guess that is wrong costs, and no more.
        """

    async def leave(self, address: str, operation_id: str, turn: int | None) -> Line:
        """Step out of the line, unless standing there with a later turn; who stands in it then.

        None for a turn that nobody knows.
        """

    async def move(self, address: str, device: str) -> str:
        """The address turned out to be this device: whoever stands there goes to its line.

        They keep their order, and nobody who enters later gets before them; a full line takes them
        as well. Answers with the device that it turned out to be first.
        """


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of one target of a bulk change.

    `change` is the operation that was made for it, None when it was refused. `turn` is that of the
    operation: of several results of one target the one with the highest turn holds.
    """

    index: int
    state: State
    turn: int = 0
    change: str | None = None
    code: str | None = None
    detail: str | None = None

    @classmethod
    def of(cls, operation: Operation, index: int) -> "TargetResult":
        """The result of a target's operation as it is now."""
        result = cls(index, operation.state, operation.turn, operation.id)
        if operation.state is State.FAILED and (failure := operation.failure):
            return replace(result, code=failure.code, detail=failure.detail)
        return result


@dataclass(frozen=True, slots=True)
class News:
    """That something became of a turn of a target, until it is counted."""

    index: int
    turn: int
    state: State


class TargetResults(Protocol):
    """What became of the targets of bulk changes: one small row each, so nobody writes the same.

    What is put is news until it was heard, so that nobody has to read all rows to count them.
    """

    async def put(self, bulk: str, result: TargetResult) -> None:
        """Record it as news; doing it again is news again, of the same."""

    async def reopen(self, bulk: str, result: TargetResult) -> None:
        """Record that a target is under way again, unless its turn has a result already."""

    async def some(self, bulk: str, start: int, stop: int) -> list[TargetResult]:
        """The results that hold of the targets from `start` to before `stop`, by index.

        What has none has not ended or never began.
        """

    async def news(self, bulk: str) -> list[News]:
        """What was put and not heard yet."""

    async def heard(self, bulk: str, news: Sequence[News]) -> None:
        """It is counted, and that is on record; what is put again after that is news again."""


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
