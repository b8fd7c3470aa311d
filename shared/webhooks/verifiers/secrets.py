"""The secrets of senders, from Key Vault, in two slots: while one is rotated both are good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.faults import Permanent, Transient
from shared.vault.ports import Vault

FRESH = timedelta(minutes=5)
"""How long a secret is used without asking for it again: a rotation is known by then."""
SHORTEST = 16
"""Characters. What is shorter can be guessed."""


@dataclass(frozen=True, slots=True)
class _Held:
    value: bytes | None = field(repr=False)
    read_at: datetime


@dataclass(frozen=True, slots=True)
class SenderSecrets:
    """Reads secrets, and keeps them in memory for some minutes."""

    vault: Vault
    clock: Clock
    _held: dict[str, _Held] = field(default_factory=dict, repr=False)

    async def read(self, slots: Sequence[str]) -> list[bytes]:
        """The values of the slots that are filled; raises Transient when none can be read.

        A slot that is missing or disabled counts as empty: so a secret is taken out of use. While
        the vault does not answer, the last value read stays good.
        """
        values = [value for slot in slots if (value := await self._read(slot)) is not None]
        if not values:
            detail = f"Key Vault has no usable secret {' or '.join(slots)}."
            raise Transient("secret-missing", detail)
        return values

    async def _read(self, name: str) -> bytes | None:
        now, held = self.clock(), self._held.get(name)
        if held and now - held.read_at < FRESH:
            return held.value
        try:
            secret = (await self.vault.read(name, None)).value.get_secret_value()
            value = secret.encode() if len(secret) >= SHORTEST else None
        except Permanent:
            value = None
        except Transient:
            if held is None:
                raise
            return held.value
        self._held[name] = _Held(value, now)
        return value
