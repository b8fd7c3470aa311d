"""Entries as CSV: what an import takes, and what is known of their rotations."""

import csv
import io

from shared.changes.times import in_utc
from shared.register.columns import COLUMNS, to_cells
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry


def header_line(*more: str) -> str:
    """The first line of a file, with its end: the columns of an import, and `more`."""
    return _line([*COLUMNS, *more])


def document_line(document: DeviceAccountDocument) -> str:
    """The line of a document, with its end."""
    return _line([*to_cells(document).values()])


def entry_line(entry: Entry) -> str:
    """The line of an entry, with its end, in the columns `TOLD_ONLY` as well."""
    told = [str(entry.state), in_utc(entry.due), in_utc(entry.verified_at), entry.detail]
    return _line([*to_cells(entry.document).values(), *(cell or "" for cell in told)])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
