"""Events of one ticket may arrive in any order: what is older than one seen before is late."""

import re
from typing import Protocol

from shared.webhooks.mapping import Ticket

_DIGITS = 32
_NUMBER = re.compile(rf"([0-9]{{1,{_DIGITS}}})(?:\.([0-9]*))?")
_LONGEST = 256


class Tickets(Protocol):
    """The newest version seen of each ticket."""

    async def see(self, source: str, ticket: str, version: str) -> bool:
        """Whether this version is the newest so far, or equal to it; then it is kept.

        Versions are compared as texts, see `sortable`.
        """


async def is_late(tickets: Tickets, source: str, ticket: Ticket | None) -> bool:
    """Whether a newer event of the ticket that was for Sluice was seen before this one."""
    if ticket is None or ticket.version is None:
        return False
    return not await tickets.see(source, ticket.id, sortable(ticket.version))


def sortable(version: str | float) -> str:
    """The version as a text that sorts as versions do: numbers by value, texts as they are."""
    text = str(version)
    if number := _NUMBER.fullmatch(text):
        return f"{number[1]:0>{_DIGITS}}.{number[2] or ''}"
    return text[:_LONGEST]
