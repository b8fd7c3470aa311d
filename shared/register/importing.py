"""Import a CSV file: nothing is written before all of it is known to be good."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from shared.changes.operation import Json
from shared.changes.problems import RequestRefused
from shared.register.csv_file import Faults, Row, read_rows
from shared.register.edit import NAME_TAKEN, with_document, write
from shared.register.entry import entry_id
from shared.register.ports import Edit, Register, RegisterInBulk
from shared.side_by_side import side_by_side

_AT_ONCE = 16


@dataclass(slots=True)
class Imported:
    """How many accounts were new, had changed, and were so already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, *, created: bool, changed: bool) -> None:
        """Count one."""
        if created:
            self.created += 1
        elif changed:
            self.updated += 1
        else:
            self.unchanged += 1

    @property
    def view(self) -> Json:
        """As it is answered."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True, slots=True)
class Importing:
    """The register, one entry at a time and many at once."""

    register: Register
    in_bulk: RegisterInBulk

    async def run(self, body: bytes, now: datetime, *, dry_run: bool = False) -> Imported:
        """Check every row of the file, against the register as well, then write what differs.

        An import that was interrupted is finished by doing it again. Raises RequestRefused: 400,
        413, or 422 with every fault by its line.
        """
        rows = read_rows(body)
        edits = await self._check(rows, now)
        done = Imported(unchanged=len(rows) - len(edits))
        left = [] if dry_run else await self.in_bulk.save(edits)
        overtaken = {edit.entry.id for edit in left}
        for edit in edits:
            if edit.entry.id not in overtaken:
                done.count(created=edit.was is None, changed=True)
        await self._write([row for row in rows if _id(row) in overtaken], now, done)
        return done

    async def _check(self, rows: list[Row], now: datetime) -> list[Edit]:
        """What differs from the register."""
        faults, edits = Faults(), list[tuple[int, Edit]]()
        known = await self.in_bulk.entries([_id(row) for row in rows])
        for row in rows:
            was = known.get(_id(row))
            try:
                entry = with_document(was, row.document, now)
            except RequestRefused as refused:
                faults.add(row.line, "secretName", refused.first.code, refused.first.detail)
            else:
                if entry is not was:
                    edits.append((row.line, Edit(entry, was)))
        named = [(line, edit.entry) for line, edit in edits if edit.takes_name]
        owners = await self.in_bulk.owners([entry.secret_name for _, entry in named])
        for line, entry in named:
            if owners.get(entry.secret_name.lower(), entry.id) != entry.id:
                faults.add(line, "secretName", NAME_TAKEN.code, NAME_TAKEN.detail)
        faults.refuse()
        return [edit for _, edit in edits]

    async def _write(self, rows: list[Row], now: datetime, done: Imported) -> None:
        """Write rows that were overtaken; what has become impossible is told behind all."""
        faults = Faults()

        async def put(row: Row) -> None:
            try:
                written = await write(self.register, row.document, now)
            except RequestRefused as refused:
                faults.add(row.line, "secretName", refused.first.code, refused.first.detail)
            else:
                done.count(created=written.created, changed=written.changed)

        await side_by_side(_each(rows), put, _AT_ONCE)
        faults.refuse()


def _id(row: Row) -> str:
    return entry_id(row.document.account)


async def _each(rows: list[Row]) -> AsyncIterator[Row]:
    for row in rows:
        yield row
