"""One line of what the demo prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What became of one wish."""

    way: str
    shows: str
    state: str
    before: object
    after: object
    why: str
    as_expected: bool
