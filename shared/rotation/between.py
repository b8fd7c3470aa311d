"""Devices between two passwords: the directory has the new one, and they have not confirmed it.

Such a device may not be able to sign in. A rotation takes minutes to hours there; a number that
stays is a reason to look.
"""

from shared.records.ports import Operations
from shared.register.ports import Register
from shared.rotation.progress import Phase, Progress

MOST = 1_000
"""Rotations that are looked at: it means as many or more."""
_SETTLED = (Phase.CONFIRMED, Phase.LEFT)


async def count(register: Register, operations: Operations) -> int:
    """How many devices are in between, over all rotations that are under way."""
    devices = looked = 0
    async for operation_id in register.under_way():
        operation = await operations.get(operation_id)
        if operation and operation.progress and not operation.state.ended:
            progress = Progress.read(operation.progress)
            waiting = [each for each in progress.devices if each.phase not in _SETTLED]
            devices += len(waiting) if progress.touched else 0
        looked += 1
        if looked >= MOST:
            break
    return devices
