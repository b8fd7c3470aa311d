"""Examine the identity as it is at work: by the token that calls are made with."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from shared.permissions.needs import Need
from shared.permissions.report import Report, examine
from shared.permissions.token import roles_of

LONGEST_RENEWAL = 2.0
"""Seconds to wait for a new token."""

type Token = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Doctor:
    """`token` tells the token in use, `new_token` replaces it first."""

    token: Token
    new_token: Token
    needs: Collection[Need]
    optional: Collection[Need] = ()

    async def examine(self) -> Report:
        """Compare what the token holds with the needs; raises NotOurToken, or why there is none.

        A token holds what was granted when it was issued. So if something is missing, a new one
        is asked for, and from then on used.
        """
        report = self._compare(await self.token())
        if report.missing:
            with suppress(Exception):  # then the old one is all there is to examine
                async with asyncio.timeout(LONGEST_RENEWAL):
                    return self._compare(await self.new_token())
        return report

    def _compare(self, token: str) -> Report:
        return examine(roles_of(token), self.needs, self.optional)
