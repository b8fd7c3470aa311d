"""The register of device accounts in Table Storage; see `register_rows` for what stands there."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

from shared.records.register_rows import (
    SHARDS,
    due_of,
    from_entity,
    name_keys,
    name_row,
    rows_beside,
    shard_of,
    time_in_keys,
    to_entity,
)
from shared.records.register_table import (
    MOST_READ,
    RegisterTable,
    RowsChanged,
    Write,
    etag_of,
    saving,
    unchanged,
)
from shared.records.tables import Tables
from shared.register.entry import Entry
from shared.register.ports import Due, Edit, EntryChanged, SecretNameTaken


class TableRegister:
    """`Register` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._table = RegisterTable(tables)

    async def get(self, entry_id: str) -> Entry | None:
        """The entry, or None."""
        entity = await self._table.row(shard_of(entry_id), f"account.{entry_id}")
        return from_entity(entity, etag_of(entity)) if entity else None

    async def save(self, entry: Entry, *, was: Entry | None) -> Entry:
        """Write a new entry, or one that is still as it `was` when it was read; with its due rows.

        Raises EntryChanged and SecretNameTaken.
        """
        if Edit(entry, was).takes_name:
            await self._take_name(entry)
        etag = await self._commit(entry.id, saving(entry, was))
        return from_entity(to_entity(entry), etag)

    async def delete(self, entry: Entry) -> None:
        """Delete the entry with its due rows; raises EntryChanged."""
        rows: list[Write] = [("delete", row) for row in rows_beside(entry)]
        await self._commit(entry.id, [("delete", to_entity(entry), unchanged(entry)), *rows])

    async def all(
        self, after: str | None = None, *, at_once: int = MOST_READ
    ) -> AsyncIterator[Entry]:
        """The entries, by partition and id."""
        shards = SHARDS[SHARDS.index(shard_of(after)) :] if after else SHARDS
        for shard in shards:
            begin = f"account.{after}" if after and shard == shards[0] else "account."
            async for entity in self._table.rows(shard, begin, "account/", at_once=at_once):
                yield from_entity(entity, etag_of(entity))

    async def due(self, before: datetime) -> AsyncIterator[Due]:
        """The accounts that are due by then: a range of due rows in each partition."""
        for shard in SHARDS:
            async for row in self._table.rows(shard, "due.", f"due.{time_in_keys(before)}/"):
                yield due_of(row)

    async def under_way(self) -> AsyncIterator[str]:
        """The operations of the rotations that were asked for and have not ended."""
        for shard in SHARDS:
            async for row in self._table.rows(shard, "underway.", "underway/"):
                yield str(row["operation"])

    async def overdue(self, before: datetime, most: int) -> int:
        """How many accounts were scheduled before then and not verified since."""
        left = iter(range(most))  # of all partitions together
        end = f"scheduled.{time_in_keys(before)}"
        return sum(await asyncio.gather(*(self._count(shard, end, left) for shard in SHARDS)))

    async def owner(self, secret_name: str) -> str | None:
        """The id of the account that this name belongs to."""
        row, partition = name_keys(secret_name)
        entity = await self._table.row(partition, row)
        return str(entity["account"]) if entity else None

    async def _take_name(self, entry: Entry) -> None:
        try:
            await self._table.commit([("create", name_row(entry))])
        except RowsChanged:
            if await self.owner(entry.secret_name) != entry.id:
                raise SecretNameTaken(entry.secret_name) from None

    async def _commit(self, entry_id: str, writes: Sequence[Write]) -> str:
        try:
            return await self._table.commit(writes)
        except RowsChanged as changed:
            raise EntryChanged(entry_id) from changed

    async def _count(self, shard: str, end: str, left: Iterator[int]) -> int:
        """How many scheduled rows there are before `end`, as long as there are any `left`."""
        count = 0
        async for _ in self._table.rows(shard, "scheduled.", end):
            if next(left, None) is None:
                break
            count += 1
        return count
