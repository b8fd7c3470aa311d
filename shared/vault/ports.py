"""What the use cases need of a vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Secret:
    """The value of a secret, the version that it is the value of, and the tags of that version."""

    value: SecretStr
    version: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


class Vault(Protocol):
    """Holds secrets by name and version. All methods raise Fault."""

    async def read(self, name: str, version: str | None) -> Secret:
        """A version of a secret, the current one where none is named."""


class RotatingVault(Vault, Protocol):
    """A vault that passwords are also written to."""

    async def find(self, name: str) -> Secret | None:
        """The current version of a secret; None when there is no secret of this name."""

    async def write(
        self, name: str, value: SecretStr, tags: Mapping[str, str], expires_at: datetime | None
    ) -> Secret:
        """Make a new current version.

        A reply that is lost may leave two versions with the same value and tags.
        """
