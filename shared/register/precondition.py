"""Conditional requests: write only what is still as it was read (RFC 9110, section 13)."""

import hashlib
from dataclasses import dataclass

from shared.changes.problems import Problem, RequestRefused
from shared.register.entry import Entry

_ANY = "*"


def entity_tag(entry: Entry) -> str:
    """The ETag of an entry: another one whenever anything of it was written."""
    return f'"{hashlib.sha256((entry.etag or "").encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Precondition:
    """What If-Match and If-None-Match say; None where there is no such header."""

    match: str | None = None
    none_match: str | None = None

    def check(self, entry: Entry | None) -> None:
        """Raise RequestRefused (412) unless the entry, or that there is none, meets it."""
        if self.match is not None and not _names(self.match, entry):
            detail = "It was written since, or is not there; read it and decide again."
            raise RequestRefused(412, [Problem("changed-since-read", "", detail)])
        if self.none_match is not None and _names(self.none_match, entry):
            detail = "There is one already; without If-None-Match it is replaced."
            raise RequestRefused(412, [Problem("exists-already", "", detail)])


def _names(header: str, entry: Entry | None) -> bool:
    if entry is None:
        return False
    tags = [tag.strip() for tag in header.split(",")]
    return _ANY in tags or entity_tag(entry) in tags
