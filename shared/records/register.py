"""The register of device accounts in Table Storage; see `register_rows` for what stands there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableErrorCode, TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient

from shared.records.register_rows import (
    SHARDS,
    due_of,
    due_rows,
    from_entity,
    name_keys,
    shard_of,
    time_in_keys,
    to_entity,
)
from shared.records.tables import REGISTER, Entity, Tables, says
from shared.register.entry import Entry, EntryState
from shared.register.ports import Due, EntryChanged, SecretNameTaken

type _Write = (
    tuple[Literal["create", "upsert", "delete"], Entity]
    | tuple[Literal["update", "delete"], Entity, dict[str, Any]]
)
_CHANGED = (
    TableErrorCode.ENTITY_ALREADY_EXISTS,
    TableErrorCode.UPDATE_CONDITION_NOT_SATISFIED,
    TableErrorCode.RESOURCE_NOT_FOUND,
    TableErrorCode.ENTITY_NOT_FOUND,
)


class TableRegister:
    """`Register` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, entry_id: str) -> Entry | None:
        """The entry, or None."""
        entity = await self._entity(f"account.{entry_id}", shard_of(entry_id))
        return from_entity(entity, _etag(entity)) if entity else None

    async def save(self, entry: Entry) -> Entry:
        """Write a new entry, or one that is still as it was read; with its due rows.

        Raises EntryChanged and SecretNameTaken.
        """
        stored = await self._stored(entry)
        if stored is None or stored.secret_name != entry.secret_name:
            await self._take_name(entry)
        account = to_entity(entry)
        writes: list[_Write] = [
            ("create", account)
            if stored is None
            else ("update", account, _unchanged(entry) | {"mode": UpdateMode.REPLACE})
        ]
        wanted = due_rows(entry)
        kept = {row["RowKey"] for row in wanted}
        writes += [
            ("delete", row)
            for row in (due_rows(stored) if stored else ())
            if row["RowKey"] not in kept
        ]
        writes += [("upsert", row) for row in wanted]
        results = await self._submit(entry.id, writes)
        return from_entity(account, str(results[0]["etag"]))

    async def delete(self, entry: Entry) -> None:
        """Delete the entry with its due rows; raises EntryChanged."""
        rows: list[_Write] = [("delete", row) for row in due_rows(entry)]
        await self._submit(entry.id, [("delete", to_entity(entry), _unchanged(entry)), *rows])

    async def all(self, after: str | None = None) -> AsyncIterator[Entry]:
        """The entries, by partition and id."""
        shards = SHARDS[SHARDS.index(shard_of(after)) :] if after else SHARDS
        for shard in shards:
            begin = f"account.{after}" if after and shard == shards[0] else "account."
            async for entity in self._range(shard, begin, "account/"):
                yield from_entity(entity, _etag(entity))

    async def due(self, before: datetime) -> AsyncIterator[Due]:
        """The accounts that are due by then: a range of due rows in each partition."""
        for shard in SHARDS:
            async for row in self._range(shard, "due.", f"due.{time_in_keys(before)}/"):
                yield due_of(row)

    async def under_way(self) -> AsyncIterator[Entry]:
        """The accounts of which a rotation was asked for and has not ended."""
        queued = f" and state eq '{EntryState.QUEUED}'"
        for shard in SHARDS:
            async for entity in self._range(shard, "account.", "account/", where=queued):
                yield from_entity(entity, _etag(entity))

    async def overdue(self, before: datetime, most: int) -> int:
        """How many accounts were scheduled before then and not verified since."""
        counts = (self._count(shard, f"scheduled.{time_in_keys(before)}", most) for shard in SHARDS)
        return min(sum(await asyncio.gather(*counts)), most)

    async def owner(self, secret_name: str) -> str | None:
        """The id of the account that this name belongs to."""
        entity = await self._entity(*name_keys(secret_name))
        return str(entity["account"]) if entity else None

    async def _stored(self, entry: Entry) -> Entry | None:
        """The entry as it stands, which has to be the one that was read."""
        stored = await self.get(entry.id) if entry.etag else None
        if entry.etag and (stored is None or stored.etag != entry.etag):
            raise EntryChanged(entry.id)
        return stored

    async def _take_name(self, entry: Entry) -> None:
        row, partition = name_keys(entry.secret_name)
        name = {"PartitionKey": partition, "RowKey": row, "account": entry.id}
        try:
            await self._tables.writing(REGISTER, lambda table: table.create_entity(name))
        except ResourceExistsError:
            if await self.owner(entry.secret_name) != entry.id:
                raise SecretNameTaken(entry.secret_name) from None

    async def _submit(self, entry_id: str, writes: list[_Write]) -> Any:
        try:
            return await self._tables.writing(
                REGISTER, lambda table: table.submit_transaction(writes)
            )
        except (HttpResponseError, TableTransactionError) as error:
            if any(says(error, code) for code in _CHANGED):
                raise EntryChanged(entry_id) from error
            raise

    async def _entity(self, row: str, partition: str) -> Any:
        try:
            return await self._table.get_entity(partition, row)
        except ResourceNotFoundError:
            return None

    async def _count(self, shard: str, end: str, most: int) -> int:
        """How many scheduled rows there are before `end`."""
        count = 0
        async for _ in self._range(shard, "scheduled.", end):
            count += 1
            if count >= most:
                break
        return count

    async def _range(
        self, shard: str, begin: str, end: str, *, where: str = ""
    ) -> AsyncIterator[Any]:
        """The rows of a partition from `begin`, not included, to `end`."""
        found = self._table.query_entities(
            f"PartitionKey eq @shard and RowKey gt @begin and RowKey lt @end{where}",
            parameters={"shard": shard, "begin": begin, "end": end},
        )
        try:
            async for entity in found:
                yield entity
        except ResourceNotFoundError:  # no table yet: nobody is registered
            return

    @property
    def _table(self) -> TableClient:
        return self._tables[REGISTER]


def _unchanged(entry: Entry) -> dict[str, Any]:
    return {
        "etag": entry.etag,
        "match_condition": MatchConditions.IfNotModified,
    }


def _etag(entity: Any) -> str:
    return str(entity.metadata["etag"])
