"""The plan of a change: what it would write on what it finds, and a hash that stands for it.

The hash is the SHA-256 of the canonical plan: one line of JSON in ASCII, members sorted, without
white space. What cannot be told before a write (whether the secret of Key Vault can still be read)
and what follows from the rest (effect, permission, words for people) is not part of it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.changes.operation import Json
from shared.changes.problems import PathPart, pointer
from shared.faults import Permanent
from shared.graph.effects import Effect, Reading, SecretCheck
from shared.graph.way import Way

NOT_APPROVED = (
    "plan-not-approved",
    "Its ticket has to be approved, and to carry the hash of the plan.",
)
"""The code and the detail of a change whose ticket has not approved its plan yet."""


class Outlook(StrEnum):
    """What would become of a change that is applied as planned."""

    WRITE = "write"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One value that would be written. `property` is a JSON pointer into `set`.

    `before` is None where the value is empty and where Graph does not tell it.
    """

    property: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, and how.

    `basis` is what the plan rests on beside the values, see `Reading.marker`. With a `refusal`
    the change would fail with its code.
    """

    way: Way
    basis: str | None = None
    changes: tuple[PlannedChange, ...] = ()
    secret: SecretCheck | None = None
    refusal: Permanent | None = None

    @property
    def outlook(self) -> Outlook:
        """Whether it would be written."""
        if self.refusal:
            return Outlook.REFUSED
        return Outlook.WRITE if self.changes else Outlook.UNCHANGED

    @property
    def hash(self) -> str:
        """The same for the same plan, in every process: `sha256:` and 64 hexadecimal digits."""
        canonical = {
            "route": self.way.write.name,
            "version": str(self.way.write.version),
            "target": self.way.write_to,
            "basis": self.basis,
            "changes": [
                {
                    "property": each.property,
                    "before": _unordered(each.before),
                    "after": _unordered(each.after),
                }
                for each in sorted(self.changes, key=lambda each: each.property)
            ],
        }
        text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def view(self) -> Json:
        """In the members of the HTTP API. Holds no secret."""
        taken, secret, refusal = self.way.taken, self.secret, self.refusal
        return {
            "plan": {
                "route": {"asked": taken.asked, "used": taken.used, "version": taken.version},
                "permission": self.way.write.permission,
                "target": self.way.write_to,
                "basis": self.basis,
                "changes": [
                    {"property": each.property, "before": each.before, "after": each.after}
                    for each in self.changes
                ],
                "secret": secret
                and {
                    "name": secret.name,
                    "version": secret.version,
                    "readable": secret.refusal is None,
                },
                "effect": self.outlook,
                "code": refusal and refusal.code,
                "detail": refusal and refusal.detail,
            },
            "hash": self.hash,
        }


def plan_of(effect: Effect, reading: Reading, needed: Json) -> Plan:
    """The plan of a change that has to write `needed` on what was read."""
    changes = (
        PlannedChange(pointer(path), _at(path, reading.values), after)
        for path, after in _leaves(needed, ())
    )
    return Plan(effect.way, reading.marker, tuple(changes))


def require_planned(expected: str | None, plan: Plan) -> None:
    """Raise Permanent when the request was made for another plan than this one."""
    if expected not in (None, plan.hash):
        detail = "What would be written, or on what, is not as in the plan; ask for a new plan."
        raise Permanent("plan-changed", detail)


def _leaves(value: Any, path: tuple[PathPart, ...]) -> Iterator[tuple[tuple[PathPart, ...], Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for name, inner in value.items():
        yield from _leaves(inner, (*path, name))


def _at(path: tuple[PathPart, ...], values: Any) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _unordered(value: Any) -> Any:
    """The collections of Graph have no order."""
    return sorted(value, key=str) if isinstance(value, list) else value
