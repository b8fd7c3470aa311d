"""The columns of a CSV file of device accounts, and the members of the document they stand for.

An empty cell, or a column that is not there, takes the default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.operation import Json
from shared.changes.problems import PathPart
from shared.register.document import DeviceAccountDocument

LIST_SEPARATOR = "|"
_NEVER = "never"

type Path = tuple[str, ...]


def _flag(text: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]  # spreadsheets write TRUE
    except KeyError:
        raise ValueError("Write true or false.") from None


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError("Write a whole number.")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("Write a number, with a dot for the fraction.") from None


def _days(text: str) -> int | None:
    return None if text.lower() == _NEVER else _whole(text)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(LIST_SEPARATOR)]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its value is in the document, and how its text is read.

    `read` raises ValueError with words for whoever wrote the file.
    """

    path: Path
    read: Callable[[str], Any] = str


_MANAGED, _SERIAL = "managedDeviceIds", "serialNumbers"
_DEVICES = {_MANAGED: "managedDeviceId", _SERIAL: "serialNumber"}

COLUMNS: Mapping[str, Column] = {
    "account": Column(("account",)),
    "family": Column(("family",)),
    _MANAGED: Column(("devices", "managedDeviceId"), _list),
    _SERIAL: Column(("devices", "serialNumber"), _list),
    "email": Column(("email",)),
    "exchangeServer": Column(("exchangeServer",)),
    "sipAddress": Column(("sipAddress",)),
    "calendarSync": Column(("calendarSync",), _flag),
    "deviceRotatesPassword": Column(("deviceRotatesPassword",), _flag),
    "everyDays": Column(("schedule", "everyDays"), _days),
    "windowOpens": Column(("schedule", "window", "opens")),
    "windowCloses": Column(("schedule", "window", "closes")),
    "timeZone": Column(("schedule", "window", "timeZone")),
    "passwordLength": Column(("passwordPolicy", "length"), _whole),
    "passwordSymbols": Column(("passwordPolicy", "symbols")),
    "bannedWords": Column(("passwordPolicy", "bannedWords"), _list),
    "secretName": Column(("secretName",)),
    "seenWithinHours": Column(("seenWithinHours",), _number),
    "confirmWithinHours": Column(("confirmWithinHours",), _number),
    "whenUnconfirmed": Column(("whenUnconfirmed",)),
    "checkMeetings": Column(("checkMeetings",), _flag),
    "paused": Column(("paused",), _flag),
}
REQUIRED = ("account", "family")


def to_document(values: Mapping[str, Any]) -> Json:
    """The document of a row, whose values are given by column."""
    document: Json = {}
    devices = [
        {member: one} for column, member in _DEVICES.items() for one in values.get(column, ())
    ]
    if devices:
        document["devices"] = devices
    for name, value in values.items():
        if name not in _DEVICES:
            *parents, member = COLUMNS[name].path
            place = document
            for parent in parents:
                place = place.setdefault(parent, {})
            place[member] = value
    return document


def to_cells(document: DeviceAccountDocument) -> dict[str, str]:
    """The cells of a row, by column; what was not said stays empty."""
    said = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    cells = {name: _cell(said, column.path) for name, column in COLUMNS.items()}
    for column, member in _DEVICES.items():
        named = [str(each[member]) for each in said.get("devices", ()) if each.get(member)]
        cells[column] = LIST_SEPARATOR.join(named)
    return cells


def column_of(location: tuple[PathPart, ...]) -> str:
    """The column that holds what is at this place of the document.

    What is wrong with the document as a whole is that the devices do not fit the family.
    """
    names = tuple(part for part in location if isinstance(part, str)) or ("devices",)
    return next(name for name, column in COLUMNS.items() if column.path[: len(names)] == names)


def _cell(said: Json, path: Path) -> str:
    value: Any = said
    for member in path:
        if not isinstance(value, dict) or member not in value:
            return ""
        value = value[member]
    if value is None:
        return _NEVER if path[-1] == "everyDays" else ""
    if isinstance(value, bool):
        return str(value).lower()
    return LIST_SEPARATOR.join(value) if isinstance(value, list) else str(value)
