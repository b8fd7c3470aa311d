"""What the register keeps of a rotation: that it was asked for, and how it ended.

Both may be told again, late, and out of order: the entry decides.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.register.entry import Entry, EntryState
from shared.register.ports import EntryChanged, Register
from shared.register.schedule import next_due, retry_due


async def asked_for(register: Register, entry: Entry, operation_id: str) -> None:
    """Note that this operation rotates the account, if the entry is still due as it was read."""
    due = entry.due
    while entry.operation != operation_id and entry.due == due:
        queued = replace(entry, state=EntryState.QUEUED, operation=operation_id, detail="")
        try:
            await register.save(queued, was=entry)
        except EntryChanged:
            now = await register.get(entry.id)
            if now is None:
                return
            entry = now
        else:
            return


async def settled(
    register: Register,
    entry_id: str,
    operation_id: str,
    *,
    state: EntryState,
    at: datetime,
    detail: str = "",
    retry_after: timedelta,
) -> None:
    """Note how a rotation ended: `state` is verified, reversed or failed, `detail` a code.

    `at` is when it ended, the same whenever this is told. Behind a verified one the account is due
    by its schedule; behind another, if it was due, in a window `retry_after` later. What is on
    record, or was overtaken by a later end, changes nothing, nor does one of a deleted account.
    """
    while (entry := await register.get(entry_id)) is not None:
        ended = _ended(entry, operation_id, state, at, detail=detail, retry_after=retry_after)
        if ended is entry:
            return
        try:
            await register.save(ended, was=entry)
        except EntryChanged:
            continue
        return


def _ended(
    entry: Entry,
    operation_id: str,
    state: EntryState,
    at: datetime,
    *,
    detail: str,
    retry_after: timedelta,
) -> Entry:
    """The entry behind the end of the rotation; itself where that tells nothing new."""
    verified = state is EntryState.VERIFIED
    if entry.operation == operation_id:
        if entry.state is state:
            return entry
    elif entry.ended_at is not None and at <= entry.ended_at:
        return entry
    elif entry.under_way:
        # Another one is, and its end decides what is due.
        return replace(entry, verified_at=at, ended_at=at) if verified else entry
    ended = replace(
        entry,
        state=state,
        operation=operation_id,
        ended_at=at,
        detail=detail,
        verified_at=at if verified else entry.verified_at,
    )
    if verified:
        due = next_due(ended, at)
        return replace(ended, due=due, scheduled=due)
    if entry.due is not None and entry.due <= at:
        return replace(ended, due=retry_due(entry.document, at + retry_after))
    return ended
