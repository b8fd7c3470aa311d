"""The line of each device: one small entity, changed only by compare and swap.

The line of an address that turned out to be a device has moved: its entity names the device for
good, for a device never changes its identifiers.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import batched, chain, count, takewhile

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
"""So many may stand in a line, and so many ids fit one column. Who does not get in is not in the
answer and has to come again. Whoever is moved there gets in: nobody would come for him again."""
_MOST_SEEN = 1000


@dataclass(frozen=True, slots=True)
class _Stored:
    """A line as it was read, or is to be written over what was; `etag` is None where none is."""

    turns: Mapping[str, int] = field(default_factory=dict)
    """Of each operation that stands there, in their order."""
    moved_to: str | None = None
    moving_to: str | None = None
    etag: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.turns or self.moved_to or self.moving_to)

    def lets_out(self, operation_id: str, turn: int | None) -> bool:
        """Whether it stands there, with no later turn."""
        at = self.turns.get(operation_id)
        return at is not None and (turn is None or at <= turn)

    def seen_at(self, address: str) -> Line:
        """What it says to the use cases."""
        return Line(address, tuple(self.turns), self.moving_to)


class TableLines:
    """`Lines` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen: dict[str, _Stored] = {}
        """Lines as they were when they were last read or written here, the newest last. Only to
        try a write with: it fails where the line has changed since."""

    async def find(self, address: str) -> str:
        """The device of an address; one that is final needs no look-up."""
        if is_final(address):
            return address
        return (await self._read(address)).moved_to or address

    async def enter(
        self, address: str, operation_id: str, turn: int, *, standing: bool = False
    ) -> Line:
        """Stand at the end of the line, unless already in it; the whole line."""
        # Most lines are empty: for who comes anew that takes one request.
        stored = await self._read(address) if standing else _Stored()
        return await self._enter(address, operation_id, turn, stored, most=LONGEST_LINE)

    async def _enter(
        self, address: str, operation_id: str, turn: int, stored: _Stored, *, most: float
    ) -> Line:
        while True:
            if stored.moved_to:
                address, stored = stored.moved_to, await self._read(stored.moved_to)
                continue
            at = stored.turns.get(operation_id)
            is_full = at is None and len(stored.turns) >= most
            if is_full or (at is not None and at >= turn):
                return stored.seen_at(address)
            wanted = replace(stored, turns={**stored.turns, operation_id: turn})
            if written := await self._write(address, wanted):
                return written.seen_at(address)
            stored = await self._read(address)

    async def leave(self, address: str, operation_id: str, turn: int | None) -> Line:
        """Step out of the line, unless standing there with a later turn; who stands in it then."""
        stored = self._seen.get(address)
        if stored is None or not stored.lets_out(operation_id, turn):
            stored = await self._read(address)
        while True:
            if stored.moved_to:
                return await self.leave(stored.moved_to, operation_id, turn)
            if not stored.lets_out(operation_id, turn):
                return stored.seen_at(address)
            rest = {each: at for each, at in stored.turns.items() if each != operation_id}
            if written := await self._write(address, replace(stored, turns=rest)):
                return written.seen_at(address)
            stored = await self._read(address)

    async def move(self, address: str, device: str) -> str:
        """Take everybody over to the line of `device`, then leave the new address there.

        Where they go is written first, so that who leaves meanwhile can leave both. Who comes
        meanwhile changes the entity, so that the last write fails and all is done again.
        """
        stored = self._seen.get(address) or await self._read(address)
        while not stored.moved_to:
            if stored.moving_to is None:
                moving = await self._write(address, replace(stored, moving_to=device))
                stored = moving or await self._read(address)
                continue
            for operation_id, turn in stored.turns.items():
                there = self._seen.get(device) or _Stored()
                await self._enter(device, operation_id, turn, there, most=math.inf)
            moved = _Stored(moved_to=device, etag=stored.etag)
            stored = await self._write(address, moved) or await self._read(address)
        return stored.moved_to

    async def _read(self, address: str) -> _Stored:
        try:
            entity = await self._tables[LINES].get_entity(address, "line")
        except ResourceNotFoundError:
            return self._remember(address, _Stored())
        turns: dict[str, int] = {}
        for column in takewhile(entity.__contains__, _columns()):
            turns |= json.loads(entity[column])
        moved_to, moving_to = entity.get("movedTo"), entity.get("movingTo")
        etag = str(entity.metadata["etag"])
        return self._remember(address, _Stored(turns, moved_to, moving_to, etag))

    async def _write(self, address: str, wanted: _Stored) -> _Stored | None:
        """Write the line if its ETag is still that of `wanted`; None when it is not."""
        entity = _entity(address, wanted)
        try:
            if wanted.etag is None:
                written = await self._tables.writing(
                    LINES, lambda table: table.create_entity(entity)
                )
            elif wanted.is_empty:
                await self._tables[LINES].delete_entity(
                    entity, etag=wanted.etag, match_condition=MatchConditions.IfNotModified
                )
                return self._remember(address, _Stored())
            else:
                written = await self._tables[LINES].update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=wanted.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
        except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
            return None
        return self._remember(address, replace(wanted, etag=str(written["etag"])))

    def _remember(self, address: str, stored: _Stored) -> _Stored:
        self._seen.pop(address, None)
        if stored.turns:
            self._seen[address] = stored
            if len(self._seen) > _MOST_SEEN:
                del self._seen[next(iter(self._seen))]
        return stored


def _entity(address: str, line: _Stored) -> dict[str, str]:
    entity = {"PartitionKey": address, "RowKey": "line"}
    # The first column is there in any case: an empty line has one, too.
    parts = [*batched(line.turns.items(), LONGEST_LINE, strict=False)] or [()]
    for column, part in zip(_columns(), parts, strict=False):
        entity[column] = json.dumps(dict(part))
    entity |= {"movedTo": line.moved_to} if line.moved_to else {}
    return entity | ({"movingTo": line.moving_to} if line.moving_to else {})


def _columns() -> Iterator[str]:
    return chain(("turns",), (f"turns{number}" for number in count(2)))
