"""What can be wrong with a request, said so that its sender can mend it.

A problem names a stable code, points at the fault (RFC 6901) and never repeats a value that was
sent: values may be secrets, and answers end up in logs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

type PathPart = str | int

LONGEST_NAME = 128
"""A member name longer than this is not repeated; the pointer then ends at its parent."""
MOST_NAMES = 16
"""A pointer goes no deeper: no good request does, and a record has to hold it."""


def pointer(path: Iterable[PathPart]) -> str:
    """The JSON pointer (RFC 6901) of a path into a document; "" is the whole document."""
    parts: list[str] = []
    for part in islice(path, MOST_NAMES):
        text = str(part)
        if len(text) > LONGEST_NAME or not text.isprintable():
            break
        parts.append("/" + text.replace("~", "~0").replace("/", "~1"))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a stable `code`, the JSON `pointer` to it, and what to do, in `detail`."""

    code: str
    pointer: str
    detail: str


class RequestRefused(Exception):
    """The request cannot be accepted as it is; sending the same again changes nothing.

    `status` is the HTTP status that fits (400, 401, 403, 404, 409, 412, 413, 415 or 422).
    """

    def __init__(self, status: int, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.code} at {p.pointer or '/'}: {p.detail}" for p in problems))
        self.status = status
        self.problems = tuple(problems)

    @property
    def first(self) -> Problem:
        """The problem that stands for all of them where there is room for one only."""
        return self.problems[0]
