"""Propose rows of the register from the devices that Intune knows. Nothing is written."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import ValidationError

from shared.changes.operation import Json
from shared.register.document import DeviceAccountDocument, Family
from shared.register.entry import entry_id

SELECT = ("id", "azureADDeviceId", "deviceName", "model", "userId", "userPrincipalName")

_HUB = "*surface hub*"


@dataclass(frozen=True, slots=True)
class GroupMembers:
    """The names of those who are in a group of Microsoft Entra ID, by id in lower case.

    Of devices it is the deviceId, which Intune calls azureADDeviceId; of users the object id.
    """

    devices: Mapping[str, str]
    users: Mapping[str, str]

    def found_as(self, device: Json) -> set[str]:
        """The ids by which a managed device is in the group: its own, that of its user."""
        own, user = (str(device.get(name) or "").lower() for name in ("azureADDeviceId", "userId"))
        return {own} & self.devices.keys() | {user} & self.users.keys()


@dataclass(slots=True)
class Proposed:
    """The documents by id, and what none could be proposed for, each with the reason."""

    documents: dict[str, DeviceAccountDocument] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


async def propose(
    devices: AsyncIterator[Json], rooms: list[str], group: GroupMembers | None = None
) -> Proposed:
    """A document for each primary user of a Surface Hub or a device of Teams Rooms.

    Intune does not say on which devices Teams Rooms run: `rooms` are patterns (`MTR-*`) of their
    models or names. With a `group` only for devices that are in it, or whose users are; then all
    of its members that come to nothing are told as well.
    """
    found: dict[tuple[str, Family], list[str]] = {}
    proposed, seen = Proposed(), set[str]()
    async for device in devices:
        members = group.found_as(device) if group else set()
        if group and not members:
            continue
        seen |= members
        name, family = str(device.get("deviceName")), _family(device, rooms)
        account = str(device.get("userPrincipalName") or "").lower()
        if family is None:
            if group:
                proposed.left_out.append(f"{name}: no Surface Hub, and like none of --rooms")
        elif not account:
            proposed.left_out.append(f"{name}: it has no primary user")
        else:
            found.setdefault((account, family), []).append(str(device.get("id")))
    for (account, family), ids in found.items():
        document = _document(account, family, ids)
        if document is None:
            proposed.left_out.append(f"{account}: not as the register takes it, or on 9 devices")
        elif proposed.documents.setdefault(entry_id(account), document) is not document:
            proposed.left_out.append(f"{account}: on devices of two families")
    if group:
        proposed.left_out += _unseen(group, seen)
    return proposed


def _unseen(group: GroupMembers, seen: set[str]) -> list[str]:
    """The members that no managed device belongs to."""
    devices = [name for id_, name in group.devices.items() if id_ not in seen]
    users = [name for id_, name in group.users.items() if id_ not in seen]
    return [
        *(f"{name}: Intune has no such device" for name in devices),
        *(f"{name}: the primary user of no device in Intune" for name in users),
    ]


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
