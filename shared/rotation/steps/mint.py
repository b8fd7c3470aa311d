"""Mint a password and keep it, before anybody is told."""

from dataclasses import replace

from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.rotation.progress import Step
from shared.rotation.secrets import keep_pending, pending
from shared.rotation.turn import RotationTurn


async def mint(rotation: RotationTurn) -> Instruction | None:
    """Find the password that this operation minted, or mint it."""
    progress, vault, operation = rotation.at, rotation.use.vault, rotation.operation.id
    await rotation.record(progress, State.APPLYING)
    kept = await pending(vault, progress, operation)
    if kept is None:
        password = rotation.use.mint(progress.account.passwordPolicy)
        kept = await keep_pending(vault, progress, operation, password)
    rotation.know(replace(progress, pending=kept.version, step=Step.DIRECTORY))
    return None
