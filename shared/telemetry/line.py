"""The canonical log line: all that is known of one request, message or tick, in one line.

    message function=changes_message change=… was=accepted state=verified outcome=done ms=812

An event, then fields as name=value; text in quotes is JSON. Whoever learns something on the way
notes it; whoever took the work in writes the line when it is over. Fields are ids, names of our
own, codes and numbers.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.telemetry.span import Value

_PLAIN = re.compile(r"[\w.:/@+~-]+", re.ASCII)
LONGEST_TEXT = 128
"""Of a field, in characters: some ids come from outside."""


class Line:
    """The fields of one piece of work, in the order in which they were first noted."""

    def __init__(self, event: str, **fields: Value | None) -> None:
        self.event = event
        self.fields: dict[str, Value] = {}
        self.note(**fields)

    def note(self, **fields: Value | None) -> None:
        """Add fields; later ones replace earlier ones, and nothing is noted of None."""
        for name, value in fields.items():
            if value is not None:
                self.fields[name] = value[:LONGEST_TEXT] if isinstance(value, str) else value

    def count(self, name: str) -> None:
        """One more of these."""
        self.fields[name] = int(self.fields.get(name, 0)) + 1

    def __str__(self) -> str:
        fields = (f"{name}={_text(value)}" for name, value in self.fields.items())
        return " ".join((self.event, *fields))


_LINE: ContextVar[Line | None] = ContextVar("line", default=None)


@contextmanager
def noting(line: Line) -> Iterator[None]:
    """Within, notes go to this line."""
    before = _LINE.set(line)
    try:
        yield
    finally:
        _LINE.reset(before)


def note(**fields: Value | None) -> None:
    """Note fields in the line of the work at hand; nothing where nobody writes one."""
    if line := _LINE.get():
        line.note(**fields)


def count(name: str) -> None:
    """Count one more of these in the line of the work at hand."""
    if line := _LINE.get():
        line.count(name)


def _text(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value if _PLAIN.fullmatch(value) else json.dumps(value)
        case _:
            return str(value)
