"""Who Sluice is to Graph, with a token that can be given up before its time.

The credentials of azure-identity keep a token until it ends and cannot be told to ask for another.
But a token may be refused early (revoked, or signed with a key that is no longer valid), and it
holds the permissions of the moment when it was issued.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

SPARE = 300
"""Seconds before its end at which a token is replaced; a call must not outlive its token."""


class ForgetfulCredential:
    """Implements AsyncTokenCredential for one scope, with credentials made anew each time.

    `make` returns a credential that is used once and closed. Raises what that one raises.
    """

    def __init__(self, make: Callable[[], AsyncTokenCredential], scope: str) -> None:
        self._make, self._scope = make, scope
        self._token: AccessToken | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        """The token for the scope; whatever else is asked for makes no difference to it."""
        async with self._one_at_a_time:
            if self._token is None or self._token.expires_on - time.time() < SPARE:
                self._token = await self._new_token()
            return self._token

    async def renew(self) -> AccessToken:
        """A new token, which from now on is the one; where none is to be had, the old one stays."""
        async with self._one_at_a_time:
            self._token = await self._new_token()
            return self._token

    async def _new_token(self) -> AccessToken:
        async with self._make() as credential:
            return await credential.get_token(self._scope)

    def forget(self) -> None:
        """Ask for a new token next time."""
        self._token = None

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
