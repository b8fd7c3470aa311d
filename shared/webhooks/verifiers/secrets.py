"""The secrets of senders, from Key Vault, in two slots: while one is rotated both are good."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.faults import Permanent, Transient
from shared.vault.ports import Vault

FRESH = timedelta(minutes=5)
"""How long a secret is used without asking for it again: a rotation is known by then."""
AGAIN = timedelta(seconds=10)
"""When it is asked for again where the vault did not answer."""
LONGEST_READ = 1.0
"""Seconds that senders, who wait for five, wait for a secret that was good until now."""
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
    _turns: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock), repr=False
    )

    async def read(self, slots: Sequence[str]) -> list[bytes]:
        """The values of the slots that are filled; raises Transient when none can be read.

        A slot that is missing or disabled counts as empty: so a secret is taken out of use. While
        the vault does not answer, the last value read stays good.
        """
        held = await asyncio.gather(*(self._read(slot) for slot in slots))
        values = [value for value in held if value is not None]
        if not values:
            detail = f"Key Vault has no usable secret {' or '.join(slots)}."
            raise Transient("secret-missing", detail)
        return values

    async def _read(self, name: str) -> bytes | None:
        # One asks for all who come at the same time.
        async with self._turns[name]:
            now, held = self.clock(), self._held.get(name)
            if held is None or now - held.read_at >= FRESH:
                held = self._held[name] = await self._asked(name, held, now)
            return held.value

    async def _asked(self, name: str, held: _Held | None, now: datetime) -> _Held:
        try:
            async with asyncio.timeout(LONGEST_READ if held else None):
                secret = (await self.vault.read(name, None)).value.get_secret_value()
        except Permanent:
            return _Held(None, now)
        except (Transient, TimeoutError):
            if held is None:
                raise
            return _Held(held.value, now - FRESH + AGAIN)
        return _Held(secret.encode() if len(secret) >= SHORTEST else None, now)
