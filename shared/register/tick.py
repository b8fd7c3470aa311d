"""What the rotation timer does: ask for one rotation of each account that is due.

    due row ──> entry ──> Intake, by a key of account and due time ──> operation noted on the row

However many timers run, late or twice, and wherever one of them dies: the key makes one change of
it, and what has no note yet is asked for again.
"""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.changes.problems import RequestRefused
from shared.clock import Clock
from shared.intake.accept import Intake, operation_id
from shared.register.entry import Entry
from shared.register.ports import Due, EntryChanged, Register
from shared.register.rotate import OPERATION
from shared.register.schedule import next_slot, window_end
from shared.register.settled import asked_for
from shared.register.side_by_side import side_by_side

SOURCE = "timer"
AT_ONCE = 16
LONGEST = timedelta(minutes=4)
"""A tick asks for no more behind that: the host ends a function after five minutes."""
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


async def tick(register: Register, intake: Intake, clock: Clock) -> Tick:
    """Ask for what is due, in one pass, until the time is up."""
    now = clock()
    done = Tick()

    async def unasked() -> AsyncIterator[Due]:
        async for due in register.due(now):
            done.due += 1
            if due.operation:
                done.under_way += 1
            elif clock() - now >= LONGEST:
                done.left += 1
            else:
                yield due

    async def ask(due: Due) -> None:
        await _ask(register, intake, clock, due, done)

    await side_by_side(unasked(), ask, AT_ONCE)
    return done


async def _ask(register: Register, intake: Intake, clock: Clock, due: Due, done: Tick) -> None:
    entry = await register.get(due.entry)
    if entry is None or entry.due != due.at or entry.under_way:
        return  # somebody was quicker
    key = rotation_key(entry.id, due.at)
    try:
        accepted = await intake.accept(_request(entry, due.at), source=SOURCE, key=key)
    except RequestRefused as refused:
        await _refused(register, clock, entry, refused, done)
        return
    done.asked += not accepted.repeated
    await asked_for(register, entry, accepted.operation.id)


async def _refused(
    register: Register, clock: Clock, entry: Entry, refused: RequestRefused, done: Tick
) -> None:
    code = refused.first.code
    if code == "key-reused" and entry.due:
        # It was asked for when its document said another window.
        await asked_for(register, entry, operation_id(SOURCE, rotation_key(entry.id, entry.due)))
    elif code in _TOO_LATE:
        done.postponed += 1
        await _postpone(register, entry, clock())
    else:
        done.refused += 1
        _log.error("the rotation of an account was refused: %s", refused)


async def _postpone(register: Register, entry: Entry, now: datetime) -> None:
    try:
        await register.save(replace(entry, due=next_slot(entry.document, now)))
    except EntryChanged:
        return  # whoever changed it has decided when it is due


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
