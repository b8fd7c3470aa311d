"""Undo: a person decides that a held rotation goes back to the previous password."""

from dataclasses import replace
from datetime import timedelta

from shared.actions.decide import Dependencies, conflict, decide
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.messages import nudge
from shared.rotation.progress import Progress

_ASKED = "undone-by-a-person"


async def undo(use: Dependencies, change: str) -> Operation:
    """Let the rotation go back, as far as anybody has the new password.

    Raises RequestRefused: 404, or 409 `not-reversible`.
    """

    def decision(operation: Operation) -> Operation:
        if operation.state is not State.HELD or not operation.progress:
            detail = f"Only a rotation that is held can be undone; it is {operation.state}."
            raise conflict("not-reversible", detail)
        progress = Progress.read(operation.progress)
        if progress.undoing:
            detail = "It is being undone already; release lets it go on."
            raise conflict("not-reversible", detail)
        if not progress.touched:
            detail = "Nobody has its password yet: cancel ends it, and nothing has happened."
            raise conflict("not-reversible", detail)
        if progress.previous is None:
            detail = "The vault has no password from before it; release lets it go on."
            raise conflict("not-reversible", detail)
        now = use.clock()
        by = now + timedelta(hours=progress.account.confirmWithinHours)
        going = operation.moved(State.APPLYING, now, _ASKED)
        back = progress.undone(_ASKED, by).write()
        return replace(going, progress=back, approval=None, failure=None, attempts=0)

    operation = await decide(use, change, decision)
    await use.sender.send(nudge(operation))
    return operation
