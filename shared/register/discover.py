"""Propose rows of the register from the devices that Intune knows. Nothing is written."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import ValidationError

from shared.changes.operation import Json
from shared.register.document import DeviceAccountDocument, Family
from shared.register.entry import entry_id

SELECT = ("id", "deviceName", "model", "userPrincipalName")

_HUB = "*surface hub*"


@dataclass(slots=True)
class Proposed:
    """The documents by id, and the devices that have no account one could propose, by name."""

    documents: dict[str, DeviceAccountDocument] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


async def propose(devices: AsyncIterator[Json], rooms: list[str]) -> Proposed:
    """A document for each primary user of a Surface Hub or a device of Teams Rooms.

    Intune does not say on which devices Teams Rooms run: `rooms` are patterns (`MTR-*`) of their
    models or names.
    """
    found: dict[tuple[str, Family], list[str]] = {}
    proposed = Proposed()
    async for device in devices:
        family = _family(device, rooms)
        if family is None:
            continue
        account = str(device.get("userPrincipalName") or "").lower()
        if account:
            found.setdefault((account, family), []).append(str(device.get("id")))
        else:
            proposed.left_out.append(str(device.get("deviceName")))
    for (account, family), ids in found.items():
        document = _document(account, family, ids)
        if document is None or entry_id(account) in proposed.documents:
            proposed.left_out.append(account)
        else:
            proposed.documents[entry_id(account)] = document
    return proposed


def _family(device: Json, rooms: list[str]) -> Family | None:
    model, name = (str(device.get(member) or "").lower() for member in ("model", "deviceName"))
    if any(fnmatchcase(text, room.lower()) for room in rooms for text in (model, name)):
        return "teamsRoomsOnWindows"
    return "surfaceHub" if fnmatchcase(model, _HUB) else None


def _document(account: str, family: Family, ids: list[str]) -> DeviceAccountDocument | None:
    """None for what Intune tells and the register does not take, for example too many devices."""
    devices = [{"managedDeviceId": each} for each in ids]
    try:
        return DeviceAccountDocument.model_validate(
            {"account": account, "family": family, "devices": tuple(devices)}
        )
    except ValidationError:
        return None
