"""What the use cases need of the register. Every write is conditional or idempotent."""

from collections.abc import AsyncIterator, Collection
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

    async def save(self, entry: Entry, *, was: Entry | None) -> Entry:
        """Write a new entry, or one that is still as it `was` when it was read.

        Raises EntryChanged and SecretNameTaken.
        """

    async def delete(self, entry: Entry) -> None:
        """Delete the entry if it is still as it was read; its secret stays. Raises EntryChanged."""

    def all(self, after: str | None = None, *, at_once: int = 1_000) -> AsyncIterator[Entry]:
        """The entries in the order of the store, behind `after`; about so many are wanted."""

    def due(self, before: datetime) -> AsyncIterator[Due]:
        """The accounts that are due by then, those that were asked for included."""

    def under_way(self) -> AsyncIterator[str]:
        """The operations of the rotations that were asked for and have not ended."""

    async def overdue(self, before: datetime, most: int) -> int:
        """How many accounts were scheduled before then and not verified since; counts to `most`."""

    async def owner(self, secret_name: str) -> str | None:
        """The id of the account that this name belongs to: the first that took it, for good."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What an entry is to be, and what it `was` when it was read; None for a new one."""

    entry: Entry
    was: Entry | None

    @property
    def takes_name(self) -> bool:
        """Whether the entry comes to another secret name."""
        return self.was is None or self.was.secret_name != self.entry.secret_name


class RegisterInBulk(Protocol):
    """The same register for whole files: many entries in few requests."""

    async def entries(self, ids: Collection[str]) -> dict[str, Entry]:
        """Those of the entries that there are, by id."""

    async def owners(self, secret_names: Collection[str]) -> dict[str, str]:
        """The ids of the accounts that these names belong to, by name in lower case."""

    async def save(self, edits: Collection[Edit]) -> list[Edit]:
        """Write what can be written; those that are left were overtaken by somebody.

        Safe to repeat from whatever it had come to.
        """
