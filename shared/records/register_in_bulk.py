"""Many entries of the register at once, for whole files: a few hundred requests for thousands."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

from shared.records.register_rows import SHARDS, from_entity, name_keys, name_row, shard_of
from shared.records.register_table import (
    MOST_WRITES,
    RegisterTable,
    RowsChanged,
    Write,
    etag_of,
    saving,
)
from shared.records.tables import Tables
from shared.register.entry import Entry
from shared.register.ports import Edit
from shared.side_by_side import side_by_side

_AT_ONCE = 16
_FEW = 200
"""Rows that are read one by one; for more of them it is less work to read all that there are."""

type _Writes = tuple[Edit, str, list[Write]]
"""What is written for an edit, and in which partition."""


class TableRegisterInBulk:
    """`RegisterInBulk` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._table = RegisterTable(tables)

    async def entries(self, ids: Collection[str]) -> dict[str, Entry]:
        """Those of the entries that there are, by id."""
        keys = [(shard_of(each), f"account.{each}") for each in ids]
        entries = (from_entity(row, etag_of(row)) async for row in self._found("account", keys))
        return {entry.id: entry async for entry in entries}

    async def owners(self, secret_names: Collection[str]) -> dict[str, str]:
        """The ids of the accounts that these names belong to, by name in lower case."""
        keys = [name_keys(each)[::-1] for each in secret_names]
        return {
            row["RowKey"].removeprefix("secret."): str(row["account"])
            async for row in self._found("secret", keys)
        }

    async def save(self, edits: Collection[Edit]) -> list[Edit]:
        """Write what can be written; those that are left were overtaken by somebody.

        Names first, as an account never stands there without its own. When one row of a
        transaction is not as it was read, all edits of that transaction are left.
        """
        left = await self._take_names([each for each in edits if each.takes_name])
        nameless = {each.entry.id for each in left}
        return left + await self._commit(
            (each, shard_of(each.entry.id), saving(each.entry, each.was))
            for each in edits
            if each.entry.id not in nameless
        )

    async def _take_names(self, edits: list[Edit]) -> list[Edit]:
        """Take the names that are free; the edits whose names belong to another."""
        owners = await self.owners([each.entry.secret_name for each in edits])
        rows = [(each, name_row(each.entry)) for each in edits]
        of_others = [
            each
            for each in edits
            if owners.get(each.entry.secret_name.lower(), each.entry.id) != each.entry.id
        ]
        free: list[_Writes] = [
            (each, row["PartitionKey"], [("create", row)])
            for each, row in rows
            if each.entry.secret_name.lower() not in owners
        ]
        return of_others + await self._commit(free)

    async def _commit(self, writes: Iterable[_Writes]) -> list[Edit]:
        """Write what belongs to each edit, in full transactions; the edits that failed."""
        left: list[Edit] = []

        async def commit(part: list[_Writes]) -> None:
            try:
                await self._table.commit([row for _, _, rows in part for row in rows])
            except RowsChanged:
                left.extend(edit for edit, _, _ in part)

        await side_by_side(_each(_parts(writes)), commit, _AT_ONCE)
        return left

    async def _found(self, kind: str, keys: Collection[tuple[str, str]]) -> AsyncIterator[Any]:
        """Those of the rows of a kind that there are."""
        if len(keys) < _FEW:
            for partition, row in keys:
                if found := await self._table.row(partition, row):
                    yield found
            return
        wanted = frozenset(keys)
        for partition in SHARDS:
            async for found in self._table.rows(partition, f"{kind}.", f"{kind}/"):
                if (partition, found["RowKey"]) in wanted:
                    yield found


def _parts(writes: Iterable[_Writes]) -> Iterator[list[_Writes]]:
    """Of one partition each, and no longer than a transaction may be."""
    for _, of_partition in groupby(sorted(writes, key=_partition), key=_partition):
        part: list[_Writes] = []
        for each in of_partition:
            if sum(len(rows) for _, _, rows in (*part, each)) > MOST_WRITES:
                yield part
                part = []
            part.append(each)
        yield part


def _partition(writes: _Writes) -> str:
    return writes[1]


async def _each(parts: Iterable[list[_Writes]]) -> AsyncIterator[list[_Writes]]:
    for part in parts:
        yield part
