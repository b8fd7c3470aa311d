"""Look for the proof: the device has signed in with the password and says so.

Where no device is told, the directory's own word has to do: the password was changed since.
"""

from dataclasses import replace

from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.register.document import DeviceReference
from shared.rotation.progress import DeviceProgress, Phase, Progress, Step
from shared.rotation.results import REFUSED
from shared.rotation.steps.doubt import clear_up
from shared.rotation.turn import RotationTurn


async def confirm(rotation: RotationTurn) -> Instruction | None:
    """Look at every device that has not confirmed; go on, or look again later."""
    if rotation.operation.state is not State.APPLIED:
        rotation.applied()
        if not _confirmed(rotation.at):  # nothing can be seen so soon
            return await _look_later(rotation)
    for device in rotation.at.awaited:
        if device.phase is Phase.ASKED:
            await _look(rotation, device)
        elif device.phase is Phase.DOUBTED:
            await clear_up(rotation, device)
    if instruction := await _tell_again(rotation):
        return instruction
    if any(device.phase is Phase.UNTOUCHED for device in rotation.at.devices):
        rotation.know(replace(rotation.at, step=Step.DEVICES))
        return None
    if await _proven(rotation):
        rotation.know(replace(rotation.at, step=Step.PROMOTE))
        return None
    return await _look_later(rotation)


async def _look(rotation: RotationTurn, device: DeviceProgress) -> None:
    reference = DeviceReference(managedDeviceId=device.id)
    found = await rotation.use.devices.find(reference, rotation.calls)
    if found.began_at in ("", device.marker):
        return
    seen = replace(device, result=found.result)
    if found.result == "done":
        seen = replace(seen, phase=Phase.CONFIRMED, password=rotation.at.sends)
    elif found.result in REFUSED:
        seen = replace(seen, phase=Phase.REFUSED)
    rotation.know(rotation.at.with_device(seen))


async def _tell_again(rotation: RotationTurn) -> Instruction | None:
    """A device that could not is told again, a few times; one that does not know how is not."""
    for device in rotation.at.awaited:
        if device.phase is not Phase.REFUSED:
            continue
        if device.result == "notsupported" or device.tries >= rotation.use.waits.most_tries:
            return await rotation.unconfirmed(*REFUSED[device.result])
        rotation.know(rotation.at.with_device(replace(device, phase=Phase.UNTOUCHED)))
    return None


async def _proven(rotation: RotationTurn) -> bool:
    progress = rotation.at
    if progress.awaited:
        return _confirmed(progress)
    account = await rotation.use.directory.account(progress.user, rotation.calls)
    return account.password_changed_at not in (None, progress.marker)


def _confirmed(progress: Progress) -> bool:
    return all(device.phase is Phase.CONFIRMED for device in progress.awaited)


async def _look_later(rotation: RotationTurn) -> Instruction:
    now, by = rotation.now(), rotation.at.confirm_by
    if by and now >= by:
        detail = "It was not confirmed in time."
        return await rotation.unconfirmed("not-confirmed", detail)
    at = now + rotation.next_look()
    return await rotation.come_again(min(at, by) if by else at)
