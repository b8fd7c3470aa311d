"""What verifiers need of the outside, beside a vault."""

from collections.abc import Mapping
from typing import Any, Protocol


class SigningKeys(Protocol):
    """The public keys that a tenant signs tokens with."""

    async def key(self, url: str, key_id: str) -> Mapping[str, Any] | None:
        """The key of that id, as JSON Web Key; None when there is none. Raises Transient."""
