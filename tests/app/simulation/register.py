"""The register in memory, with the conditions, the rows and the encoding of the real one."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from shared.records.register_rows import due_of, from_entity, rows_beside, time_in_keys, to_entity
from shared.register.entry import Entry
from shared.register.ports import Due, EntryChanged
from simulation.boundary import Boundary
from simulation.records import StoreDown


class MemoryRegister:
    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._entities: dict[str, tuple[dict[str, Any], int]] = {}
        self._writes = 0

    def entries(self) -> list[Entry]:
        return [from_entity(entity, str(etag)) for entity, etag in self._entities.values()]

    def add(self, entry: Entry) -> None:
        self._writes += 1
        self._entities[entry.id] = to_entity(entry), self._writes

    def replace(self, entry: Entry) -> None:
        """Have this entry and no other."""
        self._entities.clear()
        self.add(entry)

    async def get(self, entry_id: str) -> Entry | None:
        return await self._boundary.call("register.get", lambda: self._read(entry_id), StoreDown)

    async def save(self, entry: Entry, *, was: Entry | None) -> Entry:
        def save() -> Entry:
            self._check(entry.id, was)
            self.add(entry)
            return from_entity(to_entity(entry), str(self._writes))

        return await self._boundary.call("register.save", save, StoreDown)

    async def delete(self, entry: Entry) -> None:
        def delete() -> None:
            self._check(entry.id, entry)
            del self._entities[entry.id]

        await self._boundary.call("register.delete", delete, StoreDown)

    async def all(self, after: str | None = None, *, at_once: int = 0) -> AsyncIterator[Entry]:
        for entry in self.entries():
            if not after or entry.id > after:
                yield entry

    async def due(self, before: datetime) -> AsyncIterator[Due]:
        def rows() -> list[Due]:
            end = f"due.{time_in_keys(before)}/"
            all_rows = (row for entry in self.entries() for row in rows_beside(entry))
            return [due_of(row) for row in all_rows if "due." <= row["RowKey"] < end]

        for due in await self._boundary.call("register.due", rows, StoreDown):
            yield due

    async def overdue(self, before: datetime, most: int) -> int:
        late = [each for each in self.entries() if each.scheduled and each.scheduled < before]
        return min(len(late), most)

    async def owner(self, secret_name: str) -> str | None:
        owners = [each.id for each in self.entries() if each.secret_name == secret_name]
        return owners[0] if owners else None

    def _read(self, entry_id: str) -> Entry | None:
        if entry_id not in self._entities:
            return None
        entity, etag = self._entities[entry_id]
        return from_entity(entity, str(etag))

    def _check(self, entry_id: str, was: Entry | None) -> None:
        stored = self._read(entry_id)
        if (stored and stored.etag) != (was and was.etag):
            raise EntryChanged(entry_id)
