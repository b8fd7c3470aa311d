"""Tell the directory. It comes before the devices: they try the password before they keep it.

A write in doubt is repeated with the same password, which settles the doubt whatever came of it.
"""

from dataclasses import replace

from shared.changes.states import State
from shared.faults import Permanent, Transient
from shared.messaging.instructions import Instruction
from shared.rotation.ports import PasswordRejected
from shared.rotation.progress import Password, Progress, Step
from shared.rotation.secrets import password
from shared.rotation.turn import RotationTurn


async def tell_directory(rotation: RotationTurn) -> Instruction | None:
    """Set the password of the account."""
    before = await _marked(rotation)
    value = await password(rotation.use.vault, before)
    announced = replace(
        before,
        directory=Password.UNKNOWN,
        confirm_by=before.confirm_by or rotation.confirm_by(),
    )
    await rotation.record(announced, State.APPLYING)
    try:
        await rotation.use.directory.set_password(before.user, value, rotation.calls)
    except PasswordRejected as rejected:
        rotation.know(replace(before, confirm_by=announced.confirm_by))
        return await _mint_another(rotation, before, rejected)
    except Permanent:
        rotation.know(replace(before, confirm_by=announced.confirm_by))
        raise
    except Transient as error:
        if not error.in_doubt:
            rotation.know(replace(before, confirm_by=announced.confirm_by))
        raise
    rotation.know(replace(announced, directory=announced.sends, step=Step.DEVICES))
    return None


async def _marked(rotation: RotationTurn) -> Progress:
    """With the time of the last change before this one; the gate saw the first."""
    progress = rotation.at
    if progress.marker is not None or not progress.undoing:
        return progress
    account = await rotation.use.directory.account(progress.user, rotation.calls)
    return replace(progress, marker=account.password_changed_at or "")


async def _mint_another(
    rotation: RotationTurn, before: Progress, rejected: PasswordRejected
) -> Instruction | None:
    """Only a password that the directory surely does not have is given up for another one."""
    surely_not = before.directory is Password.PREVIOUS and not before.undoing
    if not surely_not or before.minted >= rotation.use.waits.most_mints:
        raise rejected
    rotation.know(replace(before, step=Step.MINT, minted=before.minted + 1, pending=None))
    return None
