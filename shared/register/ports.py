"""What the use cases need of the register. Every write is conditional or idempotent."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.register.entry import Entry


class EntryChanged(Exception):
    """Somebody else wrote the entry since it was read; read it again and decide again."""


class SecretNameTaken(Exception):
    """Another account keeps, or kept, its password under this name."""


@dataclass(frozen=True, slots=True)
class Due:
    """An account whose rotation is due. `operation` is set once it was asked for."""

    entry: str
    at: datetime
    operation: str | None


class Register(Protocol):
    """The device accounts, by id."""

    async def get(self, entry_id: str) -> Entry | None:
        """The entry, or None."""

    async def save(self, entry: Entry) -> Entry:
        """Write a new entry, or one that is still as it was read.

        Raises EntryChanged and SecretNameTaken.
        """

    async def delete(self, entry: Entry) -> None:
        """Delete the entry if it is still as it was read; its secret stays. Raises EntryChanged."""

    def all(self, after: str | None = None) -> AsyncIterator[Entry]:
        """The entries in the order of the store, behind `after`."""

    def due(self, before: datetime) -> AsyncIterator[Due]:
        """The accounts that are due by then, those that were asked for included."""

    def under_way(self) -> AsyncIterator[Entry]:
        """The accounts of which a rotation was asked for and has not ended."""

    async def overdue(self, before: datetime, most: int) -> int:
        """How many accounts were scheduled before then and not verified since; counts to `most`."""

    async def owner(self, secret_name: str) -> str | None:
        """The id of the account that this name belongs to: the first that took it, for good."""
