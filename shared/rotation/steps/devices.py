"""Tell the devices that sign in with the account: the action, then the wish to be heard from soon.

The action that is on record as being sent may have reached Intune. If the device has a newer
result than before it was sent, it did.
"""

from contextlib import suppress
from dataclasses import replace

from shared.changes.states import State
from shared.faults import Permanent
from shared.messaging.instructions import Instruction
from shared.register.document import DeviceReference
from shared.rotation.families import account_parameter
from shared.rotation.progress import DeviceProgress, Password, Phase, Step
from shared.rotation.secrets import password
from shared.rotation.turn import RotationTurn

_REASON = "Rotation of the password of the device account"


async def tell_devices(rotation: RotationTurn) -> Instruction | None:
    """Send the action to each device that has not got it yet."""
    for device in rotation.at.devices:
        if device.phase in (Phase.UNTOUCHED, Phase.SENDING):
            await _send(rotation, device)
    for device in rotation.at.devices:
        if device.phase is Phase.QUEUED:
            await _hurry(rotation, device)
    rotation.know(replace(rotation.at, step=Step.CONFIRM))
    return None


async def _send(rotation: RotationTurn, device: DeviceProgress) -> None:
    try:
        await _set_account(rotation, device)
    except Permanent:
        if device.awaited:
            raise
        # It is gone, or may not be told any more: the way back does not depend on it.
        rotation.know(rotation.at.with_device(replace(device, phase=Phase.LEFT)))


async def _set_account(rotation: RotationTurn, device: DeviceProgress) -> None:
    use, progress = rotation.use, rotation.at
    found = await use.devices.find(DeviceReference(managedDeviceId=device.id), rotation.calls)
    if device.phase is Phase.SENDING and found.began_at not in ("", device.marker):
        rotation.know(progress.with_device(replace(device, phase=Phase.QUEUED)))
        return
    value = await password(use.vault, progress)
    sending = replace(
        device,
        phase=Phase.SENDING,
        marker=found.began_at,
        tries=device.tries + 1,
        password=Password.UNKNOWN,
    )
    await rotation.record(progress.with_device(sending), State.APPLYING)
    approval = rotation.operation.approval
    parameter = account_parameter(progress.account)
    rotation.held_write = parameter
    try:
        await use.devices.set_account(
            device.id,
            parameter,
            value,
            rotation.calls,
            reason=rotation.operation.request.get("reason") or _REASON,
            approval_code=approval.code if approval else None,
        )
    except Permanent:
        rotation.not_taken(progress)
        raise
    rotation.approved()
    rotation.know(rotation.at.with_device(replace(sending, phase=Phase.QUEUED)))


async def _hurry(rotation: RotationTurn, device: DeviceProgress) -> None:
    """Without it, the device takes the action when it reports by itself, hours later."""
    with suppress(Permanent):
        await rotation.use.devices.sync(device.id, rotation.calls)
    rotation.know(rotation.at.with_device(replace(device, phase=Phase.ASKED)))
