"""Read a CSV file of device accounts, all of it or nothing: every fault by its line and column."""

import json
from dataclasses import dataclass, field

from pydantic import ValidationError

from shared.changes.document import may_hold_password
from shared.changes.problems import Problem, RequestRefused, pointer
from shared.changes.validation import problem_at
from shared.csv_lines import csv_lines
from shared.register.columns import COLUMNS, REQUIRED, column_of, to_document
from shared.register.document import DeviceAccountDocument, secret_name_of
from shared.register.entry import entry_id

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 10_000
MOST_FAULTS = 500
"""Told of one file; whoever has more mends these first."""

TOLD_ONLY = ("state", "due", "verifiedAt", "detail")
"""Columns that an export adds, and an import leaves alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One account, and the line on which it begins."""

    line: int
    document: DeviceAccountDocument


@dataclass(slots=True)
class Faults:
    """What is wrong with a file, until there is too much of it."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: str, code: str, detail: str) -> None:
        """Note a fault; one that has no column is that of its line."""
        place = f"Line {line}, column {column}" if column else f"Line {line}"
        path = (line, column) if column else (line,)
        self.problems.append(Problem(code, pointer(path), f"{place}: {detail}"))
        if len(self.problems) >= MOST_FAULTS:
            self.refuse()

    def refuse(self) -> None:
        """Raise RequestRefused (422) if there was any fault."""
        if self.problems:
            raise RequestRefused(422, self.problems)


def read_rows(body: bytes) -> list[Row]:
    """The accounts of a file. Raises RequestRefused: 400, 413, or 422 with every fault."""
    faults = Faults()
    lines = csv_lines(body, MOST_BYTES)
    _, header = next(lines, (1, []))
    _check_header(header, faults)
    faults.refuse()
    rows = [
        Row(line, document)
        for line, cells in lines
        if (document := _document(line, header, cells, faults)) is not None
    ]
    if len(rows) + len(faults.problems) > MOST_ROWS:
        detail = f"A file may have {MOST_ROWS} accounts at most; make several of it."
        raise RequestRefused(413, [Problem("too-large", "", detail)])
    _check_twice(rows, faults)
    faults.refuse()
    return rows


def _check_header(header: list[str], faults: Faults) -> None:
    for number, name in enumerate(header, 1):
        column = name if name.isprintable() and name else f"number {number}"
        if name in header[: number - 1]:
            faults.add(1, column, "duplicate-column", "The column is there twice.")
        elif name not in COLUMNS and name not in TOLD_ONLY:
            if may_hold_password(name.encode()):
                detail = "A file carries no passwords: Sluice makes them. Take the column out."
                faults.add(1, column, "password-in-request", detail)
            else:
                faults.add(1, column, "unknown-column", f"Columns: {', '.join(COLUMNS)}.")
    for name in REQUIRED:
        if name not in header:
            faults.add(1, name, "missing-column", "The first line has to name this column.")


def _document(
    line: int, header: list[str], cells: list[str], faults: Faults
) -> DeviceAccountDocument | None:
    if len(cells) != len(header):
        detail = f"It has {len(cells)} cells, and the first line {len(header)}."
        faults.add(line, "", "wrong-cell-count", detail)
        return None
    values = {}
    for name, cell in zip(header, cells, strict=True):
        if cell and name in COLUMNS:
            try:
                values[name] = COLUMNS[name].read(cell)
            except ValueError as error:
                faults.add(line, name, "invalid-value", str(error))
    try:
        return DeviceAccountDocument.model_validate_json(json.dumps(to_document(values)))
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            problem = problem_at((), each)
            faults.add(line, column_of(each["loc"]), problem.code, problem.detail)
        return None


def _check_twice(rows: list[Row], faults: Faults) -> None:
    accounts: dict[str, int] = {}
    names: dict[str, int] = {}
    for row in rows:
        document = row.document
        name = (document.secretName or secret_name_of(document.account)).lower()
        first = accounts.setdefault(entry_id(document.account), row.line)
        if first != row.line:
            faults.add(row.line, "account", "duplicate-account", f"It is on line {first} already.")
        elif (first := names.setdefault(name, row.line)) != row.line:
            detail = f"The account on line {first} keeps its password under the same name."
            faults.add(row.line, "secretName", "secret-name-taken", detail)
