"""On the way back: find out which password a device has that never confirmed the new one.

The directory has the previous password by now, and a device tries a password before it keeps it:
from here on it can take the new one no more. What it did until then it tells within minutes of a
sync, if it is awake.
"""

from dataclasses import replace
from datetime import timedelta

from shared.faults import Permanent
from shared.register.document import DeviceReference
from shared.rotation.progress import DeviceProgress, Password, Phase
from shared.rotation.results import REFUSED
from shared.rotation.turn import RotationTurn

_ASLEEP = timedelta(hours=1)
"""One that has said nothing for so long since the directory went back, or for half of the time that
it has to confirm, is not waited for. The other half is there to tell it."""


async def clear_up(rotation: RotationTurn, device: DeviceProgress) -> None:
    """Look at it: one that has the new password, or is asleep, is told the previous one.

    It is awaited in the first case alone. One that is asleep may be so for days, and finds the
    previous password when it wakes.
    """
    reference = DeviceReference(managedDeviceId=device.id)
    try:
        found = await rotation.use.devices.find(reference, rotation.calls)
    except Permanent as error:
        if error.code != "device-not-found":
            raise
        rotation.know(rotation.at.with_device(replace(device, phase=Phase.LEFT)))
        return
    seen = replace(device, result="" if found.began_at in ("", device.marker) else found.result)
    if seen.result == "done":
        seen = replace(seen, phase=Phase.UNTOUCHED, password=Password.NEW)
    elif seen.result in REFUSED:
        seen = replace(seen, phase=Phase.LEFT)
    elif _is_late(rotation):
        seen = replace(seen, phase=Phase.UNTOUCHED, awaited=False)
    rotation.know(rotation.at.with_device(seen))


def _is_late(rotation: RotationTurn) -> bool:
    told_at = rotation.at.told_at
    half = timedelta(hours=rotation.at.account.confirmWithinHours / 2)
    return told_at is None or rotation.now() >= told_at + min(_ASLEEP, half)
