"""Entries as CSV: what an import takes, and what is known of their rotations."""

import csv
import io

from shared.register.columns import COLUMNS, to_cells
from shared.register.csv_file import TOLD_ONLY
from shared.register.entry import Entry
from shared.register.view import in_utc


def header_line() -> str:
    """The first line of a file, with its end."""
    return _line([*COLUMNS, *TOLD_ONLY])


def entry_line(entry: Entry) -> str:
    """The line of an entry, with its end."""
    told = [str(entry.state), in_utc(entry.due), in_utc(entry.verified_at), entry.detail]
    return _line([*to_cells(entry.document).values(), *(cell or "" for cell in told)])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
