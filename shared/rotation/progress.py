"""How far a rotation has come: on record before every step, so that any crash can be resumed.

    gate ─> mint ─> directory ─> devices ─> confirm ─> promote ─> verified
                       │  ▲                    │
                       │  └──── undoing ───────┤ refused, or not confirmed in time
                       ▼                       ▼
             (another password,            held for a person
              if it was rejected)

A rotation that is being undone goes the same way from `directory` on, with the previous password,
and ends `reversed`. Nothing in here is a secret: passwords are named by the versions of secrets.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from shared.changes.operation import Json
from shared.changes.times import in_utc
from shared.register.document import DeviceAccountDocument


class Step(StrEnum):
    """What is to be done next."""

    MINT = "mint"
    DIRECTORY = "directory"
    DEVICES = "devices"
    CONFIRM = "confirm"
    PROMOTE = "promote"


class Password(StrEnum):
    """Which password a party has."""

    PREVIOUS = "previous"
    NEW = "new"
    UNKNOWN = "unknown"
    """A write is out, or was, and nothing tells what came of it."""


class Phase(StrEnum):
    """How far the account action of one device has come."""

    UNTOUCHED = "untouched"
    SENDING = "sending"
    """The action may have reached Intune."""
    QUEUED = "queued"
    """Intune took it."""
    ASKED = "asked"
    """The device was asked to report soon."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    DOUBTED = "doubted"
    """The rotation is undone, and which password the device has is to be seen."""
    LEFT = "left"
    """The rotation is undone, and nothing is sent to the device any more."""


@dataclass(frozen=True, slots=True)
class DeviceProgress:
    """One device. `marker` is when its last account action before ours began.

    `password` is the one that the device is known to have; `result` what Intune said last.
    `awaited` is whether the rotation ends only when the device has confirmed.
    """

    id: str
    phase: Phase = Phase.UNTOUCHED
    marker: str = ""
    tries: int = 0
    result: str = ""
    password: Password = Password.PREVIOUS
    awaited: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """The rotation of one account: its three parties, and what is next.

    `document` is the register's row as it was at the gate: a change of the row does not change
    what is under way. `marker` is when the directory's password was changed last before us.
    `previous` and `pending` are versions of the secrets `secret` and `<secret>-pending`.
    """

    entry: str
    document: Json
    user: str
    marker: str | None
    secret: str
    previous: str | None
    step: Step = Step.MINT
    minted: int = 1
    rejections: int = 0
    """How many of them the directory rejected since a person last let it go on."""
    pending: str | None = None
    directory: Password = Password.PREVIOUS
    devices: tuple[DeviceProgress, ...] = ()
    confirm_by: datetime | None = None
    told_at: datetime | None = None
    """When the directory took the password."""
    undoing: str | None = None
    """Why it is being undone, a code."""

    @property
    def account(self) -> DeviceAccountDocument:
        """The register's row."""
        return DeviceAccountDocument.model_validate_json(json.dumps(self.document))

    @property
    def touched(self) -> bool:
        """Whether anybody but the vault may know of the new password."""
        return self.directory is not Password.PREVIOUS or self.undoing is not None

    @property
    def awaited(self) -> tuple[DeviceProgress, ...]:
        """The devices that have to confirm the password that they are given."""
        return tuple(each for each in self.devices if each.awaited and each.phase is not Phase.LEFT)

    @property
    def sends(self) -> Password:
        """Which password the directory and the devices are given."""
        return Password.PREVIOUS if self.undoing else Password.NEW

    def with_device(self, device: DeviceProgress) -> Self:
        """The progress with what is known of this device now."""
        known = (device if each.id == device.id else each for each in self.devices)
        return replace(self, devices=tuple(known))

    def undone(self, code: str, confirm_by: datetime) -> Self:
        """The progress of a rotation that goes back: devices that may have the new one follow."""
        return replace(
            self,
            step=Step.DIRECTORY,
            undoing=code,
            marker=None,
            confirm_by=confirm_by,
            devices=tuple(replace(each, phase=_back(each), tries=0) for each in self.devices),
        )

    def resumed(self, confirm_by: datetime) -> Self:
        """The progress of a rotation that a person lets go on: with time, and tries, anew."""
        devices = (
            replace(each, phase=Phase.UNTOUCHED, tries=0)
            if each.phase is Phase.REFUSED
            else replace(each, tries=0)
            for each in self.devices
        )
        again = tuple(devices)
        step = self.step
        if step is Step.CONFIRM and any(each.phase is Phase.UNTOUCHED for each in again):
            step = Step.DEVICES
        return replace(self, devices=again, confirm_by=confirm_by, step=step, rejections=0)

    def write(self) -> Json:
        """As JSON data."""
        members = asdict(self)
        del members["confirm_by"], members["told_at"]
        times = {"confirmBy": self.confirm_by, "toldAt": self.told_at}
        return members | {name: in_utc(at) for name, at in times.items()}

    @classmethod
    def read(cls, data: Json) -> Self:
        """What `write` wrote."""
        devices = (
            DeviceProgress(
                **each | {"phase": Phase(each["phase"]), "password": Password(each["password"])}
            )
            for each in data["devices"]
        )
        members: dict[str, Any] = {
            **{name: value for name, value in data.items() if name not in ("confirmBy", "toldAt")},
            "step": Step(data["step"]),
            "directory": Password(data["directory"]),
            "devices": tuple(devices),
            "confirm_by": _time(data["confirmBy"]),
            "told_at": _time(data["toldAt"]),
        }
        return cls(**members)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _back(device: DeviceProgress) -> Phase:
    """Where a device stands when the rotation is undone."""
    if device.password is Password.NEW:
        return Phase.UNTOUCHED
    kept = device.password is Password.PREVIOUS or device.phase is Phase.REFUSED
    return Phase.LEFT if kept else Phase.DOUBTED
