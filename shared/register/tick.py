"""What the rotation timer does: ask for one rotation of each account that is due.

    due row ──> entry ──> Intake, by a key of account and due time ──> operation noted on the row

However many timers run, late or twice, and wherever one of them dies: the key makes one change of
it, and what has no note yet is asked for again.
"""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.changes.operation import Operation
from shared.changes.problems import RequestRefused
from shared.clock import Clock
from shared.intake.accept import Intake, operation_id
from shared.register.entry import Entry
from shared.register.ports import Due, EntryChanged, Register
from shared.register.rotate import OPERATION
from shared.register.schedule import next_slot, window_end
from shared.register.settled import asked_for
from shared.side_by_side import side_by_side
from shared.telemetry.tracing import apart

SOURCE = "timer"
AT_ONCE = 16
LONGEST = timedelta(minutes=4)
"""A tick asks for no more behind that: the host ends a function after five minutes."""
LOOKED_AFTER = timedelta(hours=6)
"""Behind that the record of a rotation is looked at: perhaps it ended, and nobody told."""
_TOO_LATE = frozenset({"window-closed", "contradictory-window"})

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tick:
    """What one run found and did."""

    due: int = 0
    asked: int = 0
    under_way: int = 0
    postponed: int = 0
    """Their window had closed; they wait for the next one."""
    refused: int = 0
    left: int = 0
    """Due and not asked for in the time of this run; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Timer:
    """What a tick needs; `ended` is told of a rotation that has ended, and safe to tell again."""

    register: Register
    intake: Intake
    clock: Clock
    ended: Callable[[Operation], Awaitable[None]]

    async def tick(self) -> Tick:
        """Ask for what is due, in one pass, until the time is up."""
        began, done = self.clock(), Tick()

        async def to_do() -> AsyncIterator[Due]:
            async for due in self.register.due(began):
                done.due += 1
                done.under_way += due.operation is not None
                if due.operation and began - due.at < LOOKED_AFTER:
                    continue
                if self.clock() - began < LONGEST:
                    yield due
                else:
                    done.left += due.operation is None

        await side_by_side(to_do(), lambda due: self._do(due, done), AT_ONCE)
        return done

    async def _do(self, due: Due, done: Tick) -> None:
        entry = await self.register.get(due.entry)
        if entry is None or entry.due != due.at:
            return  # somebody was quicker
        if entry.under_way and entry.operation:
            operation = await self.intake.operations.get(entry.operation)
        else:
            operation = await self._ask(entry, due.at, done)
        if operation and operation.state.ended:
            await self.ended(operation)
        elif operation:
            await asked_for(self.register, entry, operation.id)

    async def _ask(self, entry: Entry, at: datetime, done: Tick) -> Operation | None:
        """The operation that rotates the account; None where there can be none now."""
        key = rotation_key(entry.id, at)
        try:
            with apart("rotation due"):
                accepted = await self.intake.accept(_request(entry, at), source=SOURCE, key=key)
        except RequestRefused as refused:
            if refused.first.code == "key-reused":
                # It was asked for when the account's document said another window.
                return await self.intake.operations.get(operation_id(SOURCE, key))
            if refused.first.code in _TOO_LATE:
                done.postponed += 1
                await self._postpone(entry)
            else:
                done.refused += 1
                _log.error("the rotation of an account was refused: %s", refused)
            return None
        done.asked += not accepted.repeated
        return accepted.operation

    async def _postpone(self, entry: Entry) -> None:
        due = next_slot(entry.document, self.clock())
        with suppress(EntryChanged):  # whoever changed it has decided when it is due
            await self.register.save(replace(entry, due=due), was=entry)


def rotation_key(entry: str, due: datetime) -> str:
    """What the timer calls the rotation of this account that is due at this time."""
    return f"rotation:{entry}:{due:%Y-%m-%dT%H:%M:%SZ}"


def _request(entry: Entry, due: datetime) -> bytes:
    """The change that rotates the account: the same, whenever it is made of the same entry."""
    request = {
        "operation": OPERATION,
        "target": {"account": entry.document.account},
        "notBefore": f"{due:%Y-%m-%dT%H:%M:%SZ}",
    }
    if closes := window_end(entry.document, due):
        request["notAfter"] = f"{closes:%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps(request).encode()
