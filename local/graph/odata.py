"""The query options this stand-in understands: $select, $filter with one eq, $top, a time span."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .objects import Stored
from .refusals import RefusalError

_EQUALS = re.compile(r"(?P<member>\w+) eq '(?P<value>(?:[^']|'')*)'")
_MOST = 999
_SPAN = ("startDateTime", "endDateTime")


@dataclass(frozen=True, slots=True)
class Filter:
    """`member eq 'value'`; Graph compares strings without regard to case."""

    member: str
    value: str

    def wants(self, stored: Stored) -> bool:
        """Whether the object passes."""
        return self._text(stored) == self.value.casefold()

    def is_in(self, stored: Stored) -> bool:
        """Whether the value is a part of the object's."""
        return self.value.casefold() in self._text(stored)

    def _text(self, stored: Stored) -> str:
        return str(stored.get(self.member) or "").casefold()


@dataclass(frozen=True, slots=True)
class Query:
    """The query options of one request."""

    select: tuple[str, ...]
    filter: Filter | None
    top: int
    skip: int
    between: tuple[str, str] | None
    """startDateTime and endDateTime, which are no OData and belong to a calendar view."""

    def project(self, stored: Stored, known: frozenset[str], hidden: frozenset[str]) -> Stored:
        """Return the selected members, or all that are not `hidden` without a selection.

        The type of an object is said in any case.
        """
        for name in self.select:
            if name not in known:
                raise RefusalError(400, f"Could not find a property named '{name}'.")
        said = {name: value for name, value in stored.items() if name.startswith("@odata.")}
        if self.select:
            return said | {name: stored.get(name) for name in self.select}
        return said | {name: value for name, value in stored.items() if name in known - hidden}


def parse_query(options: Mapping[str, str]) -> Query:
    """Read the options of a request; `$skiptoken` is ours and comes from `@odata.nextLink`.

    Raises RefusalError 400 for an option that Graph has and this stand-in does not.
    """
    unknown = set(options) - {"$select", "$filter", "$top", "$skiptoken", *_SPAN}
    if unknown:
        raise RefusalError(400, f"The query option '{min(unknown)}' is not supported here.")
    try:
        top, skip = int(options.get("$top", 100)), int(options.get("$skiptoken", 0))
    except ValueError:
        raise RefusalError(400, "Invalid value for $top or $skiptoken.") from None
    if not 1 <= top <= _MOST:
        raise RefusalError(400, f"Invalid page size specified: must be between 1 and {_MOST}.")
    select = tuple(name.strip() for name in options.get("$select", "").split(",") if name.strip())
    between = (options[_SPAN[0]], options[_SPAN[1]]) if set(_SPAN) <= set(options) else None
    return Query(select, _parse_filter(options.get("$filter")), top, skip, between)


def _parse_filter(text: str | None) -> Filter | None:
    if text is None:
        return None
    parts = _EQUALS.fullmatch(text.strip())
    if parts is None:
        raise RefusalError(400, "Invalid filter clause.")
    return Filter(parts["member"], parts["value"].replace("''", "'"))
