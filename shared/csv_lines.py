"""The lines of a CSV file (RFC 4180), read strictly.

As spreadsheets write it: a byte order mark in front, semicolons or tabs where the comma is the
decimal sign, empty lines at the end.
"""

import csv
import io
import re
from collections.abc import Iterator

from shared.changes.problems import Problem, RequestRefused, pointer

_FIRST_DELIMITER = re.compile(r"[,;\t]")


def csv_lines(body: bytes, most_bytes: int) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, each with the line on which it begins, cells stripped.

    Raises RequestRefused: 400 `not-utf-8`, 413 `too-large`, 422 `not-csv`.
    """
    if len(body) > most_bytes:
        detail = f"The file may have {most_bytes} bytes at most."
        raise RequestRefused(413, [Problem("too-large", "", detail)])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"Line {line}: the file is not UTF-8; save it as CSV UTF-8."
        raise RequestRefused(400, [Problem("not-utf-8", pointer((line,)), detail)]) from None
    found = _FIRST_DELIMITER.search(text.partition("\n")[0])
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=found[0] if found else ",", strict=True
    )
    while True:
        begins = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            detail = f"Line {begins}: A quoted cell does not end as RFC 4180 has it."
            raise RequestRefused(422, [Problem("not-csv", pointer((begins,)), detail)]) from None
        if any(cells):
            yield begins, cells
