"""One route of Microsoft Graph: a row of the table in `routes`."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class Version(StrEnum):
    """The two versions of Microsoft Graph."""

    V1 = "v1.0"
    BETA = "beta"


type Versions = tuple[Version, ...]
BOTH: Versions = (Version.V1, Version.BETA)


class Body(StrEnum):
    """What a write carries, by the name of its type in Graph."""

    DEVICE = "device"
    MANAGED_DEVICE = "managedDevice"
    USER = "user"
    ACCOUNT = "updateWindowsDeviceAccountActionParameter"


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path, and the application permission that it needs.

    `path` is an RFC 6570 template below the version; `versions` are those that have it, the
    default first; `success` is the status that Graph documents.
    """

    name: str
    """Stays the same when the path does not; for records and documents."""
    method: str
    path: str
    permission: str
    versions: Versions = BOTH
    success: int = 200

    @property
    def version(self) -> Version:
        """The version that a call goes to."""
        return self.versions[0]

    @property
    def line(self) -> str:
        """As people write it: PATCH /devices/{id}, PATCH /beta/users/{userId}."""
        version = "" if self.version is Version.V1 else f"/{self.version}"
        return f"{self.method} {version}{self.path}"

    @property
    def parameters(self) -> frozenset[str]:
        """The names in the path."""
        return frozenset(re.findall(r"\{(\w+)\}", self.path))

    def at(self, version: str) -> Self:
        """The same route in that version alone."""
        return replace(self, versions=(Version(version),))


@dataclass(frozen=True, slots=True)
class Write(Route):
    """A route that changes something, for the operation that takes it.

    The parameters of its path are the members of the target. `read` is the route that shows what
    it did. One that is not official names the official one to take `instead`. One that is `named`
    also takes what people call a device, once it is looked up.
    """

    operation: str = ""
    body: Body = Body.DEVICE
    read: str = ""
    instead: str | None = None
    named: bool = False

    @property
    def official(self) -> bool:
        """Whether Microsoft's published OpenAPI description has it."""
        return self.instead is None
