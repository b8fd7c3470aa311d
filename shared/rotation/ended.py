"""The end of a rotation, as the register keeps it."""

from dataclasses import dataclass
from datetime import timedelta

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.register.entry import EntryState, entry_id
from shared.register.ports import Register
from shared.register.settled import settled

ROTATE = "rotateDeviceAccount"

_ENTRY_STATE = {State.VERIFIED: EntryState.VERIFIED, State.REVERSED: EntryState.REVERSED}


@dataclass(frozen=True, slots=True)
class RotationEnded:
    """Tells the register; other operations are none of its business. Implements Ended."""

    register: Register
    retry_after: timedelta

    async def __call__(self, operation: Operation) -> None:
        """Safe to repeat."""
        if operation.request["operation"] != ROTATE:
            return
        failure = operation.failure
        detail = failure.code if failure else operation.timeline[-1].detail
        await settled(
            self.register,
            entry_id(operation.request["target"]["account"]),
            operation.id,
            state=_ENTRY_STATE.get(operation.state, EntryState.FAILED),
            at=operation.updated_at,
            detail="" if operation.state is State.VERIFIED else detail or operation.state,
            retry_after=self.retry_after,
        )
