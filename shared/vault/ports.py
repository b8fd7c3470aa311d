"""What the use cases need of a vault."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Secret:
    """The value of a secret, and the version that it is the value of."""

    value: SecretStr
    version: str | None


class Vault(Protocol):
    """Holds secrets by name and version."""

    async def read(self, name: str, version: str | None) -> Secret:
        """A version of a secret, the current one where none is named. Raises Fault."""
