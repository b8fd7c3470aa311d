"""What the use cases need of a vault."""

from typing import Protocol

from pydantic import SecretStr


class Vault(Protocol):
    """Holds secrets by name and version."""

    async def read(self, name: str, version: str | None) -> SecretStr:
        """The value of a secret, of its current version where none is named. Raises Fault."""
