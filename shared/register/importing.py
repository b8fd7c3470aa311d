"""Import a CSV file: nothing is written before all of it is known to be good."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from shared.changes.operation import Json
from shared.changes.problems import RequestRefused
from shared.register.csv_file import Faults, Row, read_rows
from shared.register.edit import NAME_TAKEN, with_document, write
from shared.register.entry import entry_id
from shared.register.ports import Register
from shared.register.side_by_side import side_by_side

_AT_ONCE = 16


@dataclass(slots=True)
class Imported:
    """How many accounts were new, had changed, and were so already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def view(self) -> Json:
        """As it is answered."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
        }


async def import_file(
    register: Register, body: bytes, now: datetime, *, dry_run: bool = False
) -> Imported:
    """Check every row of the file, against the register as well, then write what differs.

    An import that was interrupted is finished by doing it again. Raises RequestRefused: 400, 413,
    or 422 with every fault by its line.
    """
    rows = read_rows(body)
    found = await _check(register, rows, now)
    return found if dry_run else await _write(register, rows, now)


async def _check(register: Register, rows: list[Row], now: datetime) -> Imported:
    faults, found = Faults(), Imported()

    async def check(row: Row) -> None:
        entry = await register.get(entry_id(row.document.account))
        try:
            edited = with_document(entry, row.document, now)
        except RequestRefused as refused:
            faults.add(row.line, "secretName", refused.first.code, refused.first.detail)
            return
        _count(found, created=entry is None, changed=edited is not entry)
        if entry is None or edited.secret_name != entry.secret_name:
            owner = await register.owner(edited.secret_name)
            if owner not in (None, edited.id):
                faults.add(row.line, "secretName", NAME_TAKEN.code, NAME_TAKEN.detail)

    await side_by_side(_each(rows), check, _AT_ONCE)
    faults.refuse()
    return found


async def _write(register: Register, rows: list[Row], now: datetime) -> Imported:
    """A row that somebody made impossible since it was checked is told, behind all others."""
    faults, done = Faults(), Imported()

    async def put(row: Row) -> None:
        try:
            written = await write(register, row.document, now)
        except RequestRefused as refused:
            faults.add(row.line, "secretName", refused.first.code, refused.first.detail)
        else:
            _count(done, created=written.created, changed=written.changed)

    await side_by_side(_each(rows), put, _AT_ONCE)
    faults.refuse()
    return done


def _count(found: Imported, *, created: bool, changed: bool) -> None:
    if created:
        found.created += 1
    elif changed:
        found.updated += 1
    else:
        found.unchanged += 1


async def _each(rows: list[Row]) -> AsyncIterator[Row]:
    for row in rows:
        yield row
