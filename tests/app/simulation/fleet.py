"""Accounts that are rotated by the timer for some days, whatever dies, fails or comes twice."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.intake.accept import Intake
from shared.intake.resend import resend_unqueued
from shared.register.document import DeviceAccountDocument
from shared.register.edit import with_document, write
from shared.register.tick import Timer
from shared.rotation.ended import RotationEnded
from simulation.boundary import Boundary, Crash
from simulation.broker import Broker
from simulation.policy import allowing_all
from simulation.records import MemoryLines, MemoryOperations
from simulation.register import MemoryRegister

TICK_EVERY = timedelta(hours=2)
RETRY_AFTER = timedelta(hours=20)
_ROTATES_FOR = timedelta(minutes=40)
_MOST_STEPS = 100_000
_STILL = 6
"""Turns of the event loop: more than any task takes from one call to the next."""


class Rotations(MemoryOperations):
    """The records, and which of them still have to be carried out, and from when on."""

    def __init__(self, boundary: Boundary) -> None:
        super().__init__(boundary)
        self.to_do: dict[str, datetime] = {}

    def read(self, operation_id: str) -> Operation:
        operation = self._read(operation_id)
        assert operation
        return operation

    def _write(self, operation: Operation) -> Operation:
        if operation.etag is None:
            self.to_do[operation.id] = operation.accepted_at + _ROTATES_FOR
        return super()._write(operation)


class Fleet:
    """The host as a whole dies of a crash; its timers come again, two at once.

    `failing` are how many of the first rotations of each account fail. Of some rotations nobody
    tells the register how they ended. A person replaces a document with each of the `edits`.
    """

    def __init__(
        self,
        boundary: Boundary,
        documents: list[DeviceAccountDocument],
        *,
        edits: list[tuple[datetime, DeviceAccountDocument]],
        failing: int = 0,
        seed: int = 0,
    ) -> None:
        self.boundary = boundary
        self.register = MemoryRegister(boundary)
        self.operations = Rotations(boundary)
        self.ended_of: dict[str, list[Operation]] = {}
        """The rotations of each account that have ended, in that order."""
        lines, broker = MemoryLines(boundary), Broker(boundary)
        clock = boundary.clock
        self._intake = Intake(self.operations, lines, broker, clock, allowing_all(), lanes=4)
        self._told = RotationEnded(self.register, RETRY_AFTER)
        self._timer = Timer(self.register, self._intake, clock, self._told)
        self._failing, self._rng = failing, random.Random(seed)
        self._host: set[asyncio.Task[None]] = set()
        self._tick_at = boundary.now
        self._working: set[str] = set()
        self._edits = list(edits)
        for document in documents:
            self.register.add(with_document(None, document, boundary.now))

    async def run(self, days: int) -> None:
        """Let that many days go by, and then on until nothing moves."""
        end = self.boundary.now + timedelta(days=days)
        for _ in range(_MOST_STEPS):
            await self._quiet()
            if choices := self._choices():
                self._rng.choice(choices)()
            elif self.boundary.now < end or self._host:
                ready = self.boundary.next_ready()
                self.boundary.now = min([*([ready] if ready else []), self._tick_at])
            else:
                return
        raise AssertionError("it never ends")

    async def _quiet(self) -> None:
        """Until nothing moves but what waits at the boundary, or for one that does."""
        seen, still = 0, 0
        while still < _STILL:
            await asyncio.sleep(0)
            now = len(self.boundary.names) + len(self._host)
            still = still + 1 if now == seen else 0
            seen = now

    def _choices(self) -> list[Callable[[], None]]:
        choices: list[Callable[[], None]] = [
            lambda here=here: here.go.set_result(None)  # type: ignore[misc]
            for here in self.boundary.ready()
        ]
        if self.boundary.now >= self._tick_at:
            choices.append(self._ticks)
        if self._edits and self.boundary.now >= self._edits[0][0]:
            choices.append(self._edit)
        choices += [
            lambda change=each: self._start(self._carry_out(change))  # type: ignore[misc]
            for each, at in self.operations.to_do.items()
            if at <= self.boundary.now and each not in self._working
        ]
        return choices

    def _ticks(self) -> None:
        """Two timers at once, and the one that queues what was accepted."""
        self._tick_at = self.boundary.now + TICK_EVERY
        self._start(self._safely(self._timer.tick()))
        self._start(self._safely(self._timer.tick()))
        if self.operations.marks:
            self._start(self._safely(resend_unqueued(self._intake, older_than=TICK_EVERY)))

    def _edit(self) -> None:
        _, document = self._edits.pop(0)
        self._start(self._safely(write(self.register, document, self.boundary.now)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._host.add(task)
        task.add_done_callback(self._host.discard)

    async def _safely(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except (Crash, BaseExceptionGroup) as died:
            crash = died if isinstance(died, Crash) else died.subgroup(Crash)
            if crash:
                self._host_dies()
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # its next turn comes

    async def _carry_out(self, change: str) -> None:
        """End the rotation, and tell: again until both are done, as its message comes again."""
        self._working.add(change)
        await self._safely(self._end(self.operations.read(change)))
        self._working.discard(change)

    async def _end(self, operation: Operation) -> None:
        if not operation.state.ended:
            account = operation.request["target"]["account"]
            before = self.ended_of.setdefault(account, [])
            now = self.boundary.now
            ended = operation.moved(State.VERIFIED, now)
            if len(before) < self._failing:
                ended = operation.failed("graph-404", "no such device", now)
            operation = await self.operations.save(ended)
        if int(operation.id[0], 16) % 3:
            await self._told(operation)
        del self.operations.to_do[operation.id]
        self.ended_of[operation.request["target"]["account"]].append(operation)

    def _host_dies(self) -> None:
        for task in self._host:
            if task is not asyncio.current_task():
                task.cancel()
