"""What budgets, brakes and the kill switch need of a store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A small document under a name, as it was read; `etag` is None where there is none yet."""

    value: Json
    etag: str | None


class Cells(Protocol):
    """Small documents that change by compare and swap only: the same for all instances."""

    async def read(self, name: str) -> Cell:
        """The document, an empty one where there is none."""

    async def swap(self, name: str, cell: Cell, value: Json) -> Cell | None:
        """Write the value if the document is still as it was read; None if it was not."""


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change that the policy may be holding: the record decides whether it does."""

    operation: str
    rule: str
    at: datetime


class Held(Protocol):
    """Which changes the policy holds, so that a person finds them among all records."""

    async def add(self, held: HeldChange) -> None:
        """Note it; before the record says so, that none is missed."""

    async def by(self, rule: str | None) -> list[HeldChange]:
        """Those that this rule holds, or any; the oldest first."""

    async def remove(self, held: HeldChange) -> None:
        """It is held no more."""
