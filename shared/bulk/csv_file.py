"""Targets in a CSV file: a header with the members of a target, a line for each.

An empty cell is a member that the target does not have.
"""

import json

from shared.bulk.request import MOST_BYTES
from shared.changes.document import read_document
from shared.changes.operation import Json
from shared.changes.problems import Problem, RequestRefused, pointer
from shared.csv_lines import csv_lines


def with_targets(change: bytes, file: bytes) -> bytes:
    """The body of a bulk request: `change` with the targets of the file.

    Raises RequestRefused, of the file as `csv_lines`, of the change as `read_document`.
    """
    document = read_document(change)
    if not isinstance(document, dict):
        raise _refused("wrong-type", (), "The change is a JSON object.")
    if "targets" in document:
        raise _refused("unknown-member", ("targets",), "The targets are in the file.")
    return json.dumps(document | {"targets": read_targets(file)}, ensure_ascii=False).encode()


def read_targets(file: bytes) -> list[Json]:
    """The targets in the file, in order. Raises RequestRefused."""
    lines = csv_lines(file, MOST_BYTES)
    _, names = next(lines, (1, [""]))
    for number, name in enumerate(names, 1):
        if not name:
            detail = f"Line 1, column {number}: name a member of the targets, such as deviceId."
            raise _refused("missing-column", (1,), detail)
        if name in names[: number - 1]:
            detail = f"Line 1, column {number}: The column is there twice."
            raise _refused("duplicate-column", (1,), detail)
    targets = []
    for line, cells in lines:
        if len(cells) != len(names):
            detail = f"Line {line}: It has {len(cells)} cells, and the first line {len(names)}."
            raise _refused("wrong-cell-count", (line,), detail)
        targets.append({name: cell for name, cell in zip(names, cells, strict=True) if cell})
    return targets


def _refused(code: str, path: tuple[str | int, ...], detail: str) -> RequestRefused:
    return RequestRefused(422, [Problem(code, pointer(path), detail)])
