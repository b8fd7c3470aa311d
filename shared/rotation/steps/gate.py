"""The gate: nothing is touched before everything speaks for it.

It is passed anew in every invocation until the directory is told, for things change while an
operation waits.
"""

import functools
import operator
from dataclasses import replace
from datetime import timedelta

from shared.changes.known_as import KnownAs
from shared.changes.states import State
from shared.faults import Permanent
from shared.messaging.instructions import Instruction
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, entry_id
from shared.register.settled import asked_for
from shared.rotation.families import FAMILIES
from shared.rotation.fitness import require_cloud_name, require_family, require_rotatable
from shared.rotation.ports import Device, DirectoryAccount
from shared.rotation.progress import DeviceProgress, Progress
from shared.rotation.turn import RotationTurn


async def pass_gate(rotation: RotationTurn) -> Instruction | None:
    """Stand in every line, look at everybody, and make a progress of what is found."""
    _, closes = rotation.operation.window
    if closes and rotation.now() >= closes:
        return await rotation.end(State.EXPIRED, "The window closed before it began.")
    if waiting := await rotation.wait_at(rotation.operation.device):
        return waiting
    entry = await _entry(rotation)
    document = entry.document
    account = await _account(rotation, document)
    if waiting := await _stand_in_line_of(rotation, account):
        return waiting
    devices = await _devices(rotation, document)
    if waiting := await _not_yet(rotation, document, account, devices):
        return waiting
    await _know(rotation, entry, account, devices)
    return None


def _known_as(rotation: RotationTurn, account: DirectoryAccount, devices: list[Device]) -> KnownAs:
    names = (name for device in devices for name in (device.id, device.name) if name)
    addresses = (KnownAs.at(device.address) for device in devices)
    known = KnownAs(frozenset(names), frozenset((account.id, account.name)))
    return functools.reduce(operator.or_, addresses, KnownAs.of(rotation.operation.request) | known)


async def _entry(rotation: RotationTurn) -> Entry:
    name = rotation.operation.request["target"]["account"]
    entry = await rotation.use.register.get(entry_id(name))
    if entry is None:
        detail = "The account is not in the register; PUT /api/device-accounts adds it."
        raise Permanent("account-not-registered", detail)
    if entry.document.paused:
        raise Permanent("account-paused", "Its rotation is paused in the register.")
    return entry


async def _account(rotation: RotationTurn, document: DeviceAccountDocument) -> DirectoryAccount:
    require_cloud_name(document)
    account = await rotation.use.directory.account(document.account, rotation.calls)
    require_rotatable(account)
    return account


async def _stand_in_line_of(
    rotation: RotationTurn, account: DirectoryAccount
) -> Instruction | None:
    """From the line of the name to that of the account, which other changes of it stand in."""
    user = f"user:{account.id.lower()}"
    if rotation.operation.device == user:
        return None
    return await rotation.wait_where_it_moved(user)


async def _devices(rotation: RotationTurn, document: DeviceAccountDocument) -> list[Device]:
    if not FAMILIES[document.family].takes_account:
        return []
    if not document.devices:
        detail = "The register names no device for it; add one, or make it directoryOnly."
        raise Permanent("account-without-device", detail)
    found = [await rotation.use.devices.find(each, rotation.calls) for each in document.devices]
    devices = {device.id: device for device in found}
    for device in devices.values():
        require_family(document, device)
    return list(devices.values())


async def _not_yet(
    rotation: RotationTurn,
    document: DeviceAccountDocument,
    account: DirectoryAccount,
    devices: list[Device],
) -> Instruction | None:
    """Whether a device is another change's, protected, away, or in use."""
    if waiting := await rotation.wait_also_at(device.address for device in devices):
        return waiting
    known = _known_as(rotation, account, devices)
    if objection := await rotation.use.clearance.objection(rotation.operation, known):
        return await rotation.object(objection)
    return await _not_now(rotation, document, devices)


async def _not_now(
    rotation: RotationTurn, document: DeviceAccountDocument, devices: list[Device]
) -> Instruction | None:
    """Whether a device is away or a meeting is on: wait as long as the window is open."""
    now = rotation.now()
    seen_since = now - timedelta(hours=document.seenWithinHours)
    for device in devices:
        if device.seen_at is None or device.seen_at < seen_since:
            hours = f"{document.seenWithinHours:g}"
            detail = f"Intune has not seen the device {device.id} for {hours} hours."
            return await _wait(rotation, "device-not-seen", detail)
    if document.checkMeetings:
        calendar = document.email or document.account
        if await rotation.use.calendar.busy_until(calendar, now, rotation.calls):
            return await _wait(rotation, "in-a-meeting", "The room is in a meeting.")
    return None


async def _wait(rotation: RotationTurn, code: str, detail: str) -> Instruction:
    _, closes = rotation.operation.window
    again = rotation.now() + rotation.use.waits.look_again
    if closes is None:
        raise Permanent(code, f"{detail} Ask again later, or with notAfter to wait until then.")
    return await rotation.come_again(min(again, closes), code)


async def _know(
    rotation: RotationTurn, entry: Entry, account: DirectoryAccount, devices: list[Device]
) -> None:
    """A progress from what is true now; what was minted already for this operation is kept."""
    current = await rotation.use.vault.find(entry.secret_name)
    progress = Progress(
        entry=entry.id,
        document=entry.document.model_dump(mode="json", exclude_unset=True),
        user=account.id,
        marker=account.password_changed_at,
        secret=entry.secret_name,
        previous=current.version if current else None,
        devices=tuple(DeviceProgress(device.id) for device in devices),
    )
    if before := rotation.progress:
        redriven = rotation.operation.state is State.ACCEPTED
        progress = replace(
            progress,
            step=before.step,
            minted=before.minted,
            rejections=0 if redriven else before.rejections,
            pending=before.pending,
        )
    rotation.know(progress)
    if not entry.under_way:  # nobody but a person asked for it
        await asked_for(rotation.use.register, entry, rotation.operation.id)
