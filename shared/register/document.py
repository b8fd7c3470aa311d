"""A row of the register as people write it: the body of `PUT /api/device-accounts/{id}`."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.changes.identifiers import AccountName, Guid
from shared.changes.targets import Model
from shared.passwords.policy import PasswordPolicy
from shared.windows import Window

_LOCAL_PART, _HOST = r"[0-9a-zA-Z'._!#$^~+-]{1,64}", r"[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*"
Email = Annotated[str, StringConstraints(pattern=f"^{_LOCAL_PART}@{_HOST}$", max_length=320)]
SipAddress = Annotated[
    str, StringConstraints(pattern=f"^(sip:)?{_LOCAL_PART}@{_HOST}$", max_length=324)
]
Server = Annotated[
    str, StringConstraints(pattern=f"^(https://)?{_HOST}(/[0-9a-zA-Z./_-]*)?$", max_length=256)
]
SerialNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-zA-Z][0-9a-zA-Z ./_:-]*$", max_length=128)
]


_LONGEST_SECRET_NAME = 110
"""Key Vault takes 127 characters, and there is a secret beside it with more in its name."""
_PENDING = "-pending"


def secret_name_of(account: str) -> str:
    """The account's name in the characters that Key Vault allows."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in account.lower())


def _no_pending_name(name: str) -> str:
    if name.lower().endswith(_PENDING):
        detail = "Such a name is kept for what a rotation is about to set; end it otherwise."
        raise PydanticCustomError("invalid_value", detail)
    return name


SecretName = Annotated[
    str,
    StringConstraints(pattern=rf"^[0-9a-zA-Z-]{{1,{_LONGEST_SECRET_NAME}}}$"),
    AfterValidator(_no_pending_name),
]

Family = Literal["surfaceHub", "teamsRoomsOnWindows", "directoryOnly"]


class DeviceReference(Model):
    """A device that signs in with the account: by its Intune id or by its serial number."""

    managedDeviceId: Guid | None = None
    serialNumber: SerialNumber | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.managedDeviceId is None) == (self.serialNumber is None):
            raise PydanticCustomError(
                "one_identifier", "Give exactly one of managedDeviceId and serialNumber."
            )
        return self


class Schedule(Model):
    """How often the password is rotated, and when. `everyDays` null: on request only."""

    everyDays: Annotated[int, Field(ge=1, le=730)] | None = 30
    window: Window | None = None


class DeviceAccountDocument(Model):
    """One device account. What is absent takes its default."""

    account: AccountName
    family: Family
    devices: Annotated[tuple[DeviceReference, ...], Field(max_length=8)] = ()
    email: Email | None = None
    exchangeServer: Server | None = None
    sipAddress: SipAddress | None = None
    calendarSync: bool = True
    deviceRotatesPassword: bool = False
    """Graph's passwordRotationEnabled. True lets the device change the password by itself, which
    makes the one in the vault stale."""
    schedule: Schedule = Schedule()
    passwordPolicy: PasswordPolicy = PasswordPolicy()
    secretName: Annotated[SecretName | None, Field(validate_default=True)] = None
    """Of the verified password in Key Vault; by default made from the account's name."""
    seenWithinHours: Annotated[float, Field(gt=0, le=8_760)] = 24.0
    """A device that Intune has not seen for longer is not touched."""
    confirmWithinHours: Annotated[float, Field(gt=0, le=168)] = 24.0
    """How long the device may take to confirm the new password."""
    whenUnconfirmed: Literal["reverse", "hold"] = "hold"
    """What happens when the device refuses or does not confirm: the previous password is set
    again, or a person decides."""
    checkMeetings: bool = False
    """Do not begin while the room is in a meeting; takes the permission
    Calendars.ReadBasic.All."""
    paused: bool = False

    @field_validator("secretName")
    @classmethod
    def _made_of_the_account_it_is_a_name_too(
        cls, name: str | None, info: ValidationInfo
    ) -> str | None:
        made = secret_name_of(info.data.get("account", ""))
        if name is None and (len(made) > _LONGEST_SECRET_NAME or made.endswith(_PENDING)):
            detail = f"The account makes no such name: it is too long, or ends in {_PENDING}."
            raise PydanticCustomError("invalid_value", f"{detail} Give one.")
        return name

    @model_validator(mode="after")
    def _devices_as_the_family_has_them(self) -> Self:
        if self.family == "directoryOnly" and self.devices:
            detail = "The devices of a directoryOnly account are not touched; name none."
            raise PydanticCustomError("devices_not_set", detail)
        if self.family != "directoryOnly" and not self.devices:
            detail = "Name the devices that sign in with it, or say directoryOnly."
            raise PydanticCustomError("devices_missing", detail)
        return self
