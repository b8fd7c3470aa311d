"""Operations in Table Storage.

Sixteen partitions, by the first digit of the id. Beside each record that is not queued yet stands
a mark in the same partition, so that both are written in one transaction and the resend timer
reads marks only, never the records:

    operation.<id>   the record
    unqueued.<id>    its message is not in the queue yet
"""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import TableErrorCode, TableTransactionError, UpdateMode

from shared.changes.operation import Operation
from shared.records.codec import from_columns, to_columns
from shared.records.ports import Overtaken
from shared.records.tables import OPERATIONS, Tables, says

SHARDS = "0123456789abcdef"


class TableOperations:
    """`Operations` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def create(self, operation: Operation) -> Operation | None:
        """Write a new record with its mark, in one transaction; None when it is there."""
        shard = operation.id[0]
        record = {**_keys(operation.id), **to_columns(operation)}
        mark = {
            "PartitionKey": shard,
            "RowKey": f"unqueued.{operation.id}",
            "acceptedAt": operation.accepted_at,
        }
        try:
            results = await self._tables.writing(
                OPERATIONS,
                lambda table: table.submit_transaction([("create", record), ("upsert", mark)]),
            )
        except (ResourceExistsError, TableTransactionError) as error:
            if not says(error, TableErrorCode.ENTITY_ALREADY_EXISTS):
                raise
            return None
        return from_columns(record, str(results[0]["etag"]))

    async def get(self, operation_id: str) -> Operation | None:
        """The record, or None."""
        try:
            entity = await self._tables[OPERATIONS].get_entity(**_lookup(operation_id))
        except ResourceNotFoundError:
            return None
        return from_columns(entity, str(entity.metadata["etag"]))

    async def find(self, text: str) -> Operation | None:
        """The record that an id from outside names; None when it is no id at all."""
        try:
            return await self.get(str(uuid.UUID(text)))
        except ValueError:
            return None

    async def save(self, operation: Operation) -> Operation:
        """Replace the record if its ETag is still the one that was read; raises Overtaken."""
        record = {**_keys(operation.id), **to_columns(operation)}
        try:
            written = await self._tables[OPERATIONS].update_entity(
                record,
                mode=UpdateMode.REPLACE,
                etag=operation.etag,
                match_condition=MatchConditions.IfNotModified,
            )
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise Overtaken(operation.id) from error
        return from_columns(record, str(written["etag"]))

    async def queued(self, operation_id: str) -> None:
        """Take the mark away, if it is there."""
        await self._tables[OPERATIONS].delete_entity(
            partition_key=operation_id[0], row_key=f"unqueued.{operation_id}"
        )

    async def unqueued(self, before: datetime) -> AsyncIterator[str]:
        """The marked operations: sixteen range queries over marks, however many records."""
        for shard in SHARDS:
            marks = self._tables[OPERATIONS].query_entities(
                "PartitionKey eq @shard and RowKey ge 'unqueued.' and RowKey lt 'unqueued/'"
                " and acceptedAt lt @before",
                parameters={"shard": shard, "before": before},
                select=["RowKey"],
            )
            try:
                async for mark in marks:
                    yield mark["RowKey"].removeprefix("unqueued.")
            except ResourceNotFoundError:  # no table yet: nothing was ever accepted
                return


def _keys(operation_id: str) -> dict[str, Any]:
    return {"PartitionKey": operation_id[0], "RowKey": f"operation.{operation_id}"}


def _lookup(operation_id: str) -> dict[str, str]:
    keys = _keys(operation_id)
    return {"partition_key": keys["PartitionKey"], "row_key": keys["RowKey"]}
