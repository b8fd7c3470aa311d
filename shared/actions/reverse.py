"""Reverse: undo a verified patch with a change of its own, from the values before it.

A rotation that is held goes back by itself, see `shared.actions.undo`.
"""

import json

from shared.actions.decide import Dependencies, conflict, known
from shared.actions.undo import undo
from shared.changes.operation import Json, Operation, Reversal
from shared.changes.problems import RequestRefused
from shared.changes.states import State
from shared.intake.accept import Accepted, Intake, operation_id
from shared.rotation.ended import ROTATE

_PATCHES = frozenset({"patchDevice", "patchManagedDevice", "patchUser"})
_SOURCE = "operator"
_KEPT = ("operation", "version", "allowUnofficialRoute", "rewriteToOfficialRoute")
_NEVER_MADE = frozenset({State.CANCELLED, State.EXPIRED})
"""The ends of a reversal that nobody can redrive."""
_LONGEST_REASON = 1024
_DENIED = 403
"""By the policy, which has its own words for it."""


async def reverse(use: Dependencies, intake: Intake, change: str) -> Accepted:
    """Accept the change that restores the values before this one, or find it.

    One that was cancelled or has expired makes room for another.
    When it is verified, this one becomes `reversed`. It fails with `changed-since` when somebody
    changed the values meanwhile. Raises RequestRefused: 404, or 409 `not-reversible`.
    """
    operation = await known(use, change)
    if operation.request["operation"] == ROTATE:
        return Accepted(await undo(use, change), repeated=False)
    key, reversal = await _last(use, operation.id)
    if reversal and operation.state is State.REVERSED:
        return Accepted(reversal, repeated=True)
    request, undone = _inverse(operation)
    try:
        body = json.dumps(request, ensure_ascii=False).encode()
        return await intake.accept(body, source=_SOURCE, key=key, reverses=undone)
    except RequestRefused as refused:
        if refused.status == _DENIED:
            raise
        first = refused.first
        detail = f"What it was before cannot be asked for: {first.pointer} {first.code}."
        raise conflict("not-reversible", detail) from None


async def _last(use: Dependencies, change: str) -> tuple[str, Operation | None]:
    """The key of the one reversal that may take effect, and it, if it was asked for.

    All before it have ended without one. Two that ask at once come to the same key.
    """
    key, number = f"reverse:{change}", 1
    while True:
        reversal = await use.operations.get(operation_id(_SOURCE, key))
        if reversal is None or reversal.state not in _NEVER_MADE:
            return key, reversal
        number += 1
        key = f"reverse:{change}:{number}"


def _inverse(operation: Operation) -> tuple[Json, Reversal]:
    request = operation.request
    if request["operation"] not in _PATCHES:
        raise conflict("not-reversible", "What it did cannot be undone; ask for another change.")
    before, after = operation.before, operation.after
    if operation.state is not State.VERIFIED or before is None or after is None:
        raise conflict("not-reversible", f"Only a verified change is; it is {operation.state}.")
    reason = f"Reverses {operation.id}"
    if request.get("reason"):
        reason = f"{reason}: {request['reason']}"[:_LONGEST_REASON]
    inverse = {name: request[name] for name in (*_KEPT, "ticket") if name in request}
    # By its ids: what was changed is to be undone, whatever the name stands for by now.
    inverse["target"] = operation.routed["target"]
    return inverse | {"set": before, "reason": reason}, Reversal(operation.id, after)
