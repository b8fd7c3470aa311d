"""Budgets, brakes and the kill switch in Table Storage: one small entity each.

The value is bytes, because they hold twice the characters that a text property does.
"""

import json

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.policy.ports import Cell, Json
from shared.records.tables import POLICY, Tables

_PARTITION = "cell"


class TableCells:
    """Implements Cells."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def read(self, name: str) -> Cell:
        """The document, an empty one where there is none."""
        try:
            entity = await self._tables[POLICY].get_entity(_PARTITION, name)
        except ResourceNotFoundError:
            return Cell({}, None)
        return Cell(json.loads(entity["value"]), str(entity.metadata["etag"]))

    async def swap(self, name: str, cell: Cell, value: Json) -> Cell | None:
        """Write the value if the document is still as it was read; None if it was not."""
        entity = {
            "PartitionKey": _PARTITION,
            "RowKey": name,
            "value": json.dumps(value, separators=(",", ":")).encode(),
        }
        try:
            if cell.etag is None:
                written = await self._tables.writing(
                    POLICY, lambda table: table.create_entity(entity)
                )
            else:
                written = await self._tables[POLICY].update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=cell.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
        except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
            return None
        return Cell(value, str(written["etag"]))
