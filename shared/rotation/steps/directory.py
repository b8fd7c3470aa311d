"""Tell the directory. It comes before the devices: they try the password before they keep it.

A write in doubt is repeated with the same password, which settles the doubt whatever came of it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.changes.states import State
from shared.faults import Permanent, Transient
from shared.messaging.instructions import Instruction
from shared.rotation.ports import PasswordRejected
from shared.rotation.progress import Password, Progress, Step
from shared.rotation.secrets import password
from shared.rotation.turn import RotationTurn

_TICK = timedelta(seconds=2)
"""The directory tells in whole seconds when a password was changed: of two changes within one, the
second would not show."""


async def tell_directory(rotation: RotationTurn) -> Instruction | None:
    """Set the password of the account."""
    before = await _before(rotation)
    if _just_changed(before.marker, rotation.now()):
        rotation.know(before)
        return await rotation.come_again(rotation.now() + _TICK)
    value = await password(rotation.use.vault, before)
    announced = replace(before, directory=Password.UNKNOWN)
    await rotation.record(announced, State.APPLYING)
    try:
        await rotation.use.directory.set_password(before.user, value, rotation.calls)
    except Permanent as error:
        rotation.not_taken(before)
        if isinstance(error, PasswordRejected) and _may_mint_another(rotation, before):
            rotation.know(_with_another(before))
            return None
        raise
    except Transient as error:
        if not error.in_doubt:
            rotation.not_taken(before)
        raise
    told = replace(announced, directory=announced.sends, told_at=rotation.now())
    rotation.know(replace(told, step=Step.DEVICES))
    return None


def _just_changed(marker: str | None, now: datetime) -> bool:
    """Whether the password was changed in what may be this very second."""
    try:
        return bool(marker) and abs(now - datetime.fromisoformat(str(marker))) < _TICK
    except (ValueError, TypeError):
        return False


async def _before(rotation: RotationTurn) -> Progress:
    """What is known before the password is set, and from when on the devices' time counts."""
    progress = replace(rotation.at, confirm_by=rotation.at.confirm_by or rotation.confirm_by())
    if progress.marker is not None or not progress.undoing:
        return progress
    # The gate saw when the password was changed before the new one was set; that was another time.
    account = await rotation.use.directory.account(progress.user, rotation.calls)
    return replace(progress, marker=account.password_changed_at or "")


def _may_mint_another(rotation: RotationTurn, before: Progress) -> bool:
    """A password that the directory never takes is given up; its version stays in the vault.

    A previous password has no successor: without it a person has to help.
    """
    return not before.undoing and before.rejections + 1 < rotation.use.waits.most_mints


def _with_another(before: Progress) -> Progress:
    minted, rejections = before.minted + 1, before.rejections + 1
    return replace(before, step=Step.MINT, minted=minted, rejections=rejections, pending=None)
