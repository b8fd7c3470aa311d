"""The line of each device: one small entity, changed only by compare and swap.

The line of an address that turned out to be a device has moved: its entity names the device for
good, for a device never changes its identifiers.
"""

import json
from dataclasses import dataclass

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.changes.addresses import is_final
from shared.records.ports import Line
from shared.records.tables import LINES, Tables

LONGEST_LINE = 500
"""So many ids fit the entity. Who does not get in is not in the answer and has to come again."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A line as it was read; `etag` is None where there is none."""

    operations: tuple[str, ...] = ()
    moved_to: str | None = None
    moving_to: str | None = None
    etag: str | None = None


class TableLines:
    """`Lines` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def find(self, address: str) -> str:
        """The device of an address; one that is final needs no look-up."""
        if is_final(address):
            return address
        return (await self._read(address)).moved_to or address

    async def enter(self, address: str, operation_id: str) -> Line:
        """Stand at the end of the line, unless already in it; the whole line."""
        alone = (operation_id,)
        # Most lines are empty: that takes one request.
        if await self._create(address, alone):
            return Line(address, alone)
        while True:
            stored = await self._read(address)
            if stored.moved_to:
                return await self.enter(stored.moved_to, operation_id)
            line = stored.operations
            if operation_id in line or len(line) >= LONGEST_LINE:
                return Line(address, line)
            longer = (*line, operation_id)
            if await self._write(address, stored, longer, moving_to=stored.moving_to):
                return Line(address, (*line, operation_id))

    async def leave(self, address: str, operation_id: str) -> Line:
        """Step out of the line; who still stands in it."""
        while True:
            stored = await self._read(address)
            if stored.moved_to:
                return await self.leave(stored.moved_to, operation_id)
            rest = tuple(other for other in stored.operations if other != operation_id)
            if rest == stored.operations or await self._write(
                address, stored, rest, moving_to=stored.moving_to
            ):
                return Line(address, rest, stored.moving_to)

    async def move(self, address: str, device: str) -> None:
        """Take everybody over to the line of `device`, then leave the new address there.

        Where they go is written first, so that who leaves meanwhile can leave both. Who comes
        meanwhile changes the entity, so that the last write fails and all is done again.
        """
        while True:
            stored = await self._read(address)
            if stored.moved_to:
                return
            if stored.moving_to is None:
                await self._write(address, stored, stored.operations, moving_to=device)
                continue
            for operation_id in stored.operations:
                await self.enter(device, operation_id)
            if await self._write(address, stored, (), moved_to=device):
                return

    async def _read(self, address: str) -> _Stored:
        try:
            entity = await self._tables[LINES].get_entity(address, "line")
        except ResourceNotFoundError:
            return _Stored()
        operations = tuple(json.loads(entity["operations"]))
        moved_to, moving_to = entity.get("movedTo"), entity.get("movingTo")
        return _Stored(operations, moved_to, moving_to, str(entity.metadata["etag"]))

    async def _create(
        self,
        address: str,
        line: tuple[str, ...],
        moved_to: str | None = None,
        moving_to: str | None = None,
    ) -> bool:
        entity = _entity(address, line, moved_to, moving_to)
        try:
            await self._tables.writing(LINES, lambda table: table.create_entity(entity))
        except ResourceExistsError:
            return False
        return True

    async def _write(
        self,
        address: str,
        stored: _Stored,
        line: tuple[str, ...],
        *,
        moved_to: str | None = None,
        moving_to: str | None = None,
    ) -> bool:
        """Write the line if it is still as it was read."""
        if stored.etag is None:
            return await self._create(address, line, moved_to, moving_to)
        table, unchanged = self._tables[LINES], MatchConditions.IfNotModified
        entity = _entity(address, line, moved_to, moving_to)
        try:
            if line or moved_to or moving_to:
                await table.update_entity(
                    entity, mode=UpdateMode.REPLACE, etag=stored.etag, match_condition=unchanged
                )
            else:
                await table.delete_entity(entity, etag=stored.etag, match_condition=unchanged)
        except (ResourceModifiedError, ResourceNotFoundError):
            return False
        return True


def _entity(
    address: str, line: tuple[str, ...], moved_to: str | None, moving_to: str | None
) -> dict[str, str]:
    entity = {"PartitionKey": address, "RowKey": "line", "operations": json.dumps(line)}
    entity |= {"movedTo": moved_to} if moved_to else {}
    return entity | ({"movingTo": moving_to} if moving_to else {})
