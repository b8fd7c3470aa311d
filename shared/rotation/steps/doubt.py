"""On the way back: find out which password a device has that never confirmed the new one.

The directory has the previous password by now, and a device tries a password before it keeps it:
from here on it can take the new one no more. What it has done until then, Intune tells.
"""

from dataclasses import replace

from shared.faults import Permanent
from shared.register.document import DeviceReference
from shared.rotation.progress import DeviceProgress, Password, Phase
from shared.rotation.steps.confirm import REFUSED
from shared.rotation.turn import RotationTurn


async def clear_up(rotation: RotationTurn, device: DeviceProgress) -> None:
    """Have it told the previous password unless it kept it; wait for it only if it has the new.

    One that says nothing may sleep for days: it finds the previous one when it wakes.
    """
    rotation.know(rotation.at.with_device(await _seen(rotation, device)))


async def _seen(rotation: RotationTurn, device: DeviceProgress) -> DeviceProgress:
    reference = DeviceReference(managedDeviceId=device.id)
    try:
        found = await rotation.use.devices.find(reference, rotation.calls)
    except Permanent as error:
        if error.code != "device-not-found":
            raise
        return replace(device, phase=Phase.LEFT)
    result = "" if found.began_at in ("", device.marker) else found.result
    if result in REFUSED:
        return replace(device, phase=Phase.LEFT, result=result)
    if result == "done":
        return replace(device, phase=Phase.UNTOUCHED, result=result, password=Password.NEW)
    return replace(device, phase=Phase.UNTOUCHED, result=result, awaited=False)
