"""Promote: only a proven password becomes the current one. A rotation that is undone has none."""

from dataclasses import replace

from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.register.schedule import next_due
from shared.rotation import secrets
from shared.rotation.turn import RotationTurn


async def promote(rotation: RotationTurn) -> Instruction:
    """End, verified or reversed."""
    progress = rotation.at
    if progress.undoing:
        return await rotation.end(State.REVERSED, progress.undoing)
    await rotation.record(progress, State.APPLIED)
    entry = await rotation.use.register.get(progress.entry)
    now = rotation.now()
    due = next_due(replace(entry, verified_at=now), now) if entry else None
    current = await secrets.promote(rotation.use.vault, progress, rotation.operation.id, now, due)
    rotation.promoted(current.version)
    return await rotation.end(State.VERIFIED)
