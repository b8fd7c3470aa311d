"""Bring an entry up to what the record of its rotation says, where nobody told it."""

from datetime import timedelta

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.register.entry import Entry, EntryState
from shared.register.ports import Register
from shared.register.settled import asked_for, settled

_ENDS = {
    State.VERIFIED: EntryState.VERIFIED,
    State.UNCHANGED: EntryState.VERIFIED,
    State.REVERSED: EntryState.REVERSED,
}
"""Cancelled and expired count as failed: the account has the password that it had."""


async def note(
    register: Register, entry: Entry, operation: Operation, retry_after: timedelta
) -> None:
    """Note on the entry that this operation rotates it, or how it ended."""
    if not operation.state.ended:
        await asked_for(register, entry, operation.id)
        return
    failure = operation.failure
    await settled(
        register,
        entry.id,
        operation.id,
        state=_ENDS.get(operation.state, EntryState.FAILED),
        at=operation.updated_at,
        detail=failure.code if failure else str(operation.state),
        retry_after=retry_after,
    )
