"""The signing keys of Microsoft Entra ID, from where the tenant publishes them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock
from shared.faults import Transient

FRESH = timedelta(hours=24)
"""Entra advises to look once a day; a key that is not known makes us look earlier."""
AT_MOST_EVERY = timedelta(minutes=5)
"""However many unknown keys are named: anybody can name one."""
LONGEST = 3.0
"""Seconds for one look. The sender of the webhook waits for it."""


@dataclass(frozen=True, slots=True)
class _Read:
    keys: Mapping[str, Mapping[str, Any]]
    at: datetime


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """Implements SigningKeys."""

    clock: Clock
    _read: dict[str, _Read] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, url: str, key_id: str) -> Mapping[str, Any] | None:
        """The key of that id, as JSON Web Key; None when there is none. Raises Transient."""
        async with self._one_at_a_time:
            read, now = self._read.get(url), self.clock()
            known = read is not None and key_id in read.keys
            if read is None or now - read.at > (FRESH if known else AT_MOST_EVERY):
                read = self._read[url] = await self._look(url, read, now)
        return read.keys.get(key_id)

    async def _look(self, url: str, before: _Read | None, now: datetime) -> _Read:
        import httpx  # noqa: PLC0415  loaded by who gets a token: it costs 0.2 s

        try:
            async with (
                httpx.AsyncClient(timeout=LONGEST, follow_redirects=False) as client,
                asyncio.timeout(LONGEST),
            ):
                answer = await client.get(url)
            keys = answer.raise_for_status().json()["keys"]
            return _Read({str(key["kid"]): key for key in keys}, now)
        except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError) as error:
            if before is not None:
                return _Read(before.keys, now)
            raise Transient("signing-keys-unavailable", type(error).__name__) from None
