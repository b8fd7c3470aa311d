"""A row of the register as people write it: the body of `PUT /api/device-accounts/{id}`."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.changes.identifiers import Guid
from shared.changes.targets import Model
from shared.passwords.policy import PasswordPolicy

UserPrincipalName = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-zA-Z'._!#^~-]+@[0-9a-zA-Z.-]+$", max_length=320),
]
DomainAccount = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-zA-Z.-]{1,255}\\[^\\/\s@]{1,104}$")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

Family = Literal["surfaceHub", "teamsRoomsOnWindows", "directoryOnly"]


class DeviceReference(Model):
    """A device that signs in with the account: by its Intune id or by its serial number."""

    managedDeviceId: Guid | None = None
    serialNumber: Text | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.managedDeviceId is None) == (self.serialNumber is None):
            raise PydanticCustomError(
                "one_identifier", "Give exactly one of managedDeviceId and serialNumber."
            )
        return self


class Window(Model):
    """When a rotation may begin, in local wall-clock times.

    One that closes earlier than it opens goes over midnight.
    """

    opens: LocalTime
    closes: LocalTime
    timeZone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "UTC"
    """An IANA name."""


class Schedule(Model):
    """How often the password is rotated, and when. `everyDays` null: on request only."""

    everyDays: Annotated[int, Field(ge=1, le=730)] | None = 30
    window: Window | None = None


class DeviceAccountDocument(Model):
    """One device account. What is absent takes its default."""

    account: UserPrincipalName | DomainAccount
    family: Family
    devices: Annotated[tuple[DeviceReference, ...], Field(max_length=8)] = ()
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    exchangeServer: Text | None = None
    sipAddress: Text | None = None
    calendarSync: bool = True
    deviceRotatesPassword: bool = False
    """Graph's passwordRotationEnabled. True lets the device change the password by itself, which
    makes the one in the vault stale."""
    schedule: Schedule = Schedule()
    password: PasswordPolicy = PasswordPolicy()
    secretName: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,110}$")] | None = None
    """Of the verified password in Key Vault; by default made from the account's name."""
    seenWithinHours: Annotated[float, Field(gt=0, le=8_760)] = 24.0
    """A device that Intune has not seen for longer is not touched."""
    confirmWithinHours: Annotated[float, Field(gt=0, le=168)] = 24.0
    """How long the device may take to confirm the new password."""
    whenUnconfirmed: Literal["reverse", "hold"] = "hold"
    """What happens when the device refuses or does not confirm: the previous password is set
    again, or a person decides."""
    checkMeetings: bool = False
    """Do not begin while the room is in a meeting; takes the permission Calendars.Read.All or
    Calendars.ReadBasic.All."""
    paused: bool = False
