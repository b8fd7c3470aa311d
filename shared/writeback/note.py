"""An outcome in words for people. Each tool writes the lines in its own form, as plain text.

What people or devices wrote (values, targets, details) is cut to one short line of visible
characters each: no line break, no control or invisible character can forge another line.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shared.changes.problems import pointer
from shared.changes.states import State
from shared.writeback.outcome import Outcome, Planned

_SAYS = {
    State.VERIFIED: "The change is made, and proven.",
    State.UNCHANGED: "It was so already; nothing was written.",
    State.FAILED: "The change failed.",
    State.REVERSED: "The change was undone.",
    State.CANCELLED: "The change was cancelled.",
    State.EXPIRED: "The change was not made in time.",
    State.HELD: "The change waits for a person.",
}
_REFUSED = "The request was refused; nothing was changed."
MOST_VALUES = 10
"""Lines of values, and of faults."""
LONGEST_VALUE = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a ticket is told. `marker` stands in the text and in no other note."""

    title: str
    lines: tuple[str, ...]
    marker: str

    def texts(self, remark: str | None = None) -> tuple[str, ...]:
        """All lines, the marker last; `remark` is what the tool did not do."""
        return (self.title, *self.lines, *([remark] if remark else []), self.marker)


def note_of(outcome: Outcome, name: str) -> Note:
    """The note; `name` is what the outcome is called, however often it is told."""
    refused = outcome.id is None
    says = _REFUSED if refused else _SAYS.get(outcome.state, "")
    title = f"Sluice: {'refused' if refused else outcome.state}. {says}".strip()
    return Note(title, tuple(_lines(outcome)), f"[sluice:{name}]")


def _lines(outcome: Outcome) -> Iterator[str]:
    if outcome.operation:
        yield plain(f"{outcome.operation}: {_members(outcome.resolved or outcome.target or {})}")
    if outcome.planned and outcome.state is State.HELD:
        yield from _plan(outcome.planned)
    yield from _some(list(_values(outcome)))
    if outcome.problems:
        yield from _some([plain(f"{p.pointer} {p.code}: {p.detail}") for p in outcome.problems])
    elif outcome.failure:
        yield plain(f"{outcome.failure.code}: {outcome.failure.detail}")
    if outcome.decision and outcome.state is State.HELD:
        yield plain(f"The policy's rule: {outcome.decision.rule}")
    if outcome.id:
        yield plain(f"Change {outcome.id}")


def _plan(planned: Planned) -> Iterator[str]:
    """What is to be approved: whoever does has to see it."""
    changes = planned.plan.changes if planned.plan else ()
    yield from _some(
        [plain(f"{c.property}: {_told(c.before)} → {_told(c.after)}") for c in changes]
    )
    if planned.hash:
        yield plain(f"Plan {planned.hash}")


def _values(outcome: Outcome) -> Iterator[str]:
    before = dict(_leaves((), outcome.before or {}))
    for path, value in _leaves((), outcome.after or {}):
        was = f"{_told(before[path])} → " if path in before and before[path] != value else ""
        yield plain(f"{pointer(path)}: {was}{_told(value)}")


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves((*path, name), member)
    else:
        yield path, value


def _members(target: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_told(value)}" for name, value in target.items())


def _told(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _some(lines: list[str]) -> Iterator[str]:
    yield from islice(lines, MOST_VALUES)
    if len(lines) > MOST_VALUES:
        yield f"… and {len(lines) - MOST_VALUES} more"


def plain(text: str) -> str:
    """One line of visible characters; controls and what turns text around become spaces."""
    shown = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return " ".join(shown.split())
