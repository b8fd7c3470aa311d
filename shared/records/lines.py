"""The line of each device: one small entity, changed only by compare and swap."""

import json
from collections.abc import Sequence

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.records.tables import LINES, Tables

LONGEST_LINE = 500
"""So many ids fit the entity. Who does not get in is not in the answer and has to come again."""


class TableLines:
    """`Lines` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def enter(self, device: str, operation_id: str) -> Sequence[str]:
        """Stand at the end of the line, unless already in it; the whole line."""
        first = _entity(device, [operation_id])
        while True:
            try:
                await self._tables.writing(LINES, lambda table: table.create_entity(first))
            except ResourceExistsError:
                line, etag = await self._read(device)
                if operation_id in line or len(line) >= LONGEST_LINE:
                    return line
                if etag and await self._write(device, [*line, operation_id], etag):
                    return [*line, operation_id]
            else:
                return [operation_id]

    async def leave(self, device: str, operation_id: str) -> Sequence[str]:
        """Step out of the line; who still stands in it."""
        while True:
            line, etag = await self._read(device)
            rest = [other for other in line if other != operation_id]
            if rest == line or (etag and await self._write(device, rest, etag)):
                return rest

    async def _read(self, device: str) -> tuple[list[str], str | None]:
        try:
            entity = await self._tables[LINES].get_entity(device, "line")
        except ResourceNotFoundError:
            return [], None
        return json.loads(entity["operations"]), str(entity.metadata["etag"])

    async def _write(self, device: str, line: list[str], etag: str) -> bool:
        table, unchanged = self._tables[LINES], MatchConditions.IfNotModified
        entity = _entity(device, line)
        try:
            if line:
                await table.update_entity(
                    entity, mode=UpdateMode.REPLACE, etag=etag, match_condition=unchanged
                )
            else:
                await table.delete_entity(entity, etag=etag, match_condition=unchanged)
        except (ResourceModifiedError, ResourceNotFoundError):
            return False
        return True


def _entity(device: str, line: list[str]) -> dict[str, str]:
    return {"PartitionKey": device, "RowKey": "line", "operations": json.dumps(line)}
