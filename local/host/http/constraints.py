"""The constraints of route parameters, as ASP.NET Core names them."""

import datetime as dt
import re
import uuid
from collections.abc import Callable

type Constraint = Callable[[str], bool]

_CALL = re.compile(r"(?P<name>\w+)(?:\((?P<arguments>.*)\))?")


def _converts(convert: Callable[[str], object]) -> Constraint:
    def allows(text: str) -> bool:
        try:
            convert(text)
        except ValueError:
            return False
        return True

    return allows


def _integer(least: int, most: int) -> Constraint:
    def allows(text: str) -> bool:
        return re.fullmatch(r"[+-]?\d+", text, re.ASCII) is not None and least <= int(text) <= most

    return allows


def _length(least: int, most: int | None = None) -> Constraint:
    def allows(text: str) -> bool:
        return least <= len(text) and (most is None or len(text) <= most)

    return allows


_INT64 = 2**63
_PLAIN: dict[str, Constraint] = {
    "int": _integer(-(2**31), 2**31 - 1),
    "long": _integer(-_INT64, _INT64 - 1),
    "bool": lambda text: text.lower() in {"true", "false"},
    "guid": _converts(uuid.UUID),
    "double": _converts(float),
    "datetime": _converts(dt.datetime.fromisoformat),
    "alpha": lambda text: re.fullmatch("[a-z]*", text, re.IGNORECASE) is not None,
    "required": bool,
}
_WITH_NUMBERS: dict[str, Callable[..., Constraint]] = {
    "length": lambda least, most=None: _length(least, least if most is None else most),
    "minlength": _length,
    "maxlength": lambda most: _length(0, most),
    "min": lambda least: _integer(least, _INT64 - 1),
    "max": lambda most: _integer(-_INT64, most),
    "range": _integer,
}


def parse_constraint(text: str) -> Constraint:
    """Parse one constraint, such as `guid` or `range(1,9)`. Raises ValueError if it is unknown."""
    match = _CALL.fullmatch(text)
    name = match["name"].lower() if match else ""
    arguments = match["arguments"] if match else None
    if arguments is None and name in _PLAIN:
        return _PLAIN[name]
    if arguments is not None and name in _WITH_NUMBERS:
        try:
            return _WITH_NUMBERS[name](*(int(number) for number in arguments.split(",")))
        except (TypeError, ValueError) as error:
            raise ValueError(f"route constraint {text!r} has unfit arguments") from error
    raise ValueError(f"unknown route constraint {text!r}")
