"""Targets in a CSV file: a header with the members of a target, a line for each.

As spreadsheets write it: a byte order mark in front, semicolons where the comma is the decimal
sign, empty lines at the end. An empty cell is a member that is not there.
"""

import csv
import io
import json

from shared.bulk.request import MOST_BYTES
from shared.changes.document import read_document
from shared.changes.operation import Json
from shared.changes.problems import Problem, RequestRefused


def with_targets(change: bytes, file: bytes) -> bytes:
    """The body of a bulk request: `change` with the targets of the file.

    Raises RequestRefused: 413, 422 or as `read_document` for the change.
    """
    document = read_document(change)
    if not isinstance(document, dict):
        raise RequestRefused(422, [Problem("wrong-type", "", "The change is a JSON object.")])
    if "targets" in document:
        detail = "The targets are in the file; send them once."
        raise RequestRefused(422, [Problem("duplicate-member", "/targets", detail)])
    return json.dumps(document | {"targets": read_csv(file)}, ensure_ascii=False).encode()


def read_csv(file: bytes) -> list[Json]:
    """The targets in the file, in order. Raises RequestRefused (413 or 422)."""
    if len(file) > MOST_BYTES:
        detail = f"The file may have {MOST_BYTES} bytes at most."
        raise RequestRefused(413, [Problem("too-large", "/targets", detail)])
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("The file is not UTF-8; save it as CSV UTF-8.") from None
    header, _, _ = text.partition("\n")
    separator = ";" if ";" in header else ","
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise _refused("The file is not CSV: look at its quotes.") from None
    return _targets([[cell.strip() for cell in line] for line in lines])


def _targets(lines: list[list[str]]) -> list[Json]:
    names = lines[0] if lines else []
    if not all(names) or not names:
        raise _refused("The first line names the members of a target, for example deviceId.")
    if len(set(names)) < len(names):
        raise _refused("A column stands more than once in the first line.")
    targets = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise _refused(f"Line {number} has {len(cells)} cells, the first one {len(names)}.")
        targets.append({name: cell for name, cell in zip(names, cells, strict=True) if cell})
    return targets


def _refused(detail: str) -> RequestRefused:
    return RequestRefused(422, [Problem("not-csv", "/targets", detail)])
