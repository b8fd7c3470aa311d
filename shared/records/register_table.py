"""The table of device accounts: read a row or a range of them, write several or none."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableErrorCode, TableTransactionError, UpdateMode

from shared.records.register_rows import rows_beside, to_entity
from shared.records.tables import REGISTER, Entity, Tables, says
from shared.register.entry import Entry

type Write = (
    tuple[Literal["create", "upsert", "delete"], Entity]
    | tuple[Literal["update", "delete"], Entity, dict[str, Any]]
)

MOST_WRITES = 100
"""What one transaction takes (Table Storage, "Performing entity group transactions")."""

MOST_READ = 1_000
"""What one request reads (Table Storage, "Query timeout and pagination")."""

_CHANGED = (
    TableErrorCode.ENTITY_ALREADY_EXISTS,
    TableErrorCode.UPDATE_CONDITION_NOT_SATISFIED,
    TableErrorCode.RESOURCE_NOT_FOUND,
    TableErrorCode.ENTITY_NOT_FOUND,
)


class RowsChanged(Exception):
    """One of the rows is not as the transaction wants it; none was written."""


class RegisterTable:
    """Reads and transactions; a table that is not there yet is empty."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def row(self, partition: str, row: str) -> Any:
        """The row with these keys, or None."""
        try:
            return await self._tables[REGISTER].get_entity(partition, row)
        except ResourceNotFoundError:
            return None

    async def rows(
        self, partition: str, begin: str, end: str, *, at_once: int = MOST_READ
    ) -> AsyncIterator[Any]:
        """The rows of a partition from `begin`, not included, to `end`: so many a request."""
        found = self._tables[REGISTER].query_entities(
            "PartitionKey eq @partition and RowKey gt @begin and RowKey lt @end",
            parameters={"partition": partition, "begin": begin, "end": end},
            results_per_page=min(at_once, MOST_READ),
        )
        try:
            async for entity in found:
                yield entity
        except ResourceNotFoundError:
            return

    async def commit(self, writes: Sequence[Write]) -> str:
        """Write all of them, in one partition, or none; the ETag of the first row.

        Raises RowsChanged.
        """
        try:
            done: Any = await self._tables.writing(
                REGISTER, lambda table: table.submit_transaction(writes)
            )
        except (HttpResponseError, TableTransactionError) as error:
            if any(says(error, code) for code in _CHANGED):
                raise RowsChanged from error
            raise
        return str(done[0].get("etag"))


def saving(entry: Entry, was: Entry | None) -> list[Write]:
    """What writes an entry that was read as `was`, with the rows beside it; it goes first."""
    account = to_entity(entry)
    wanted = rows_beside(entry)
    kept = {row["RowKey"] for row in wanted}
    writes: list[Write] = [
        ("update", account, unchanged(was) | {"mode": UpdateMode.REPLACE})
        if was
        else ("create", account)
    ]
    old = rows_beside(was) if was else []
    writes += [("delete", row) for row in old if row["RowKey"] not in kept]
    writes += [("upsert", row) for row in wanted]
    return writes


def etag_of(entity: Any) -> str:
    """The version of a row that was read."""
    return str(entity.metadata["etag"])


def unchanged(was: Entry) -> dict[str, Any]:
    """The condition that the account is still as it was read, and so are its due rows."""
    return {"etag": was.etag, "match_condition": MatchConditions.IfNotModified}
