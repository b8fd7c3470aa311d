"""The policy file as people write it; docs/policy.md explains it by example.

Checked in full when it is loaded: a member that is not known, a name that stands twice or a
pattern that cannot match is a fault, and a file with a fault is not used at all.
"""

from collections import Counter
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.changes.request import OPERATIONS
from shared.windows import Window

type Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""Of a rule, a protection, a budget or a brake: goes into records, answers and logs."""
type SourceName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,31}|\*)$")]
type Pattern = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$", max_length=256)]
"""A text in which `*` stands for anything; capitals and small letters are the same."""
type OperationName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(OPERATIONS)})$")]
type Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Decision(StrEnum):
    """What the file says to a change."""

    ALLOW = "allow"
    HOLD = "hold"
    """It is recorded and waits until a person releases it."""
    DENY = "deny"


class Part(BaseModel):
    """Base of every part of the file: no unknown members, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Days(Window):
    """A window on some days of the week: those on which it opens."""

    days: Annotated[tuple[Day, ...], Field(strict=False, min_length=1)] = DAYS


class Named(Part):
    """A part that decides, and is named where it does."""

    name: Name


class Limit(Named):
    """A bound on how much comes from these sources."""

    sources: Annotated[tuple[SourceName, ...], Field(min_length=1)]


class Protection(Named):
    """Devices and accounts that nobody changes just so, whatever a rule allows.

    Held against what the request says and, before anything is written, against what the target
    turns out to be.
    """

    devices: tuple[Pattern, ...] = ()
    accounts: tuple[Pattern, ...] = ()
    decision: Literal[Decision.HOLD, Decision.DENY]

    @model_validator(mode="after")
    def _protects_something(self) -> Self:
        if not self.devices and not self.accounts:
            raise ValueError("it names neither devices nor accounts")
        return self


class Rule(Named):
    """Who may do what to whom, and when. A condition that is absent is met by every change."""

    sources: Annotated[tuple[SourceName, ...], Field(min_length=1)]
    callers: Annotated[tuple[Pattern, ...], Field(min_length=1)] | None = None
    """Application ids of callers with a token of Microsoft Entra ID."""
    operations: Annotated[tuple[OperationName, ...], Field(min_length=1)] | None = None
    devices: Annotated[tuple[Pattern, ...], Field(min_length=1)] | None = None
    accounts: Annotated[tuple[Pattern, ...], Field(min_length=1)] | None = None
    properties: Annotated[tuple[Pattern, ...], Field(min_length=1)] | None = None
    """Paths into `set`. A rule that allows fits when all that is set is among them, another one
    when anything is."""
    ticket: Literal["named", "approved"] | None = None
    """`named` by the request, or `approved` by what its source says, which only webhooks can."""
    windows: Annotated[tuple[Days, ...], Field(min_length=1)] | None = None
    """When changes that it allows may begin; outside of them they are held until one opens."""
    decision: Decision

    @model_validator(mode="after")
    def _windows_are_for_what_is_allowed(self) -> Self:
        if self.windows and self.decision is not Decision.ALLOW:
            raise ValueError("windows are for a rule that allows")
        return self


type ChangesPerHour = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class Budget(Limit):
    """How many changes each of the sources may begin in an hour; more are held."""

    changesPerHour: ChangesPerHour


class Brake(Limit):
    """How many different devices the sources together may change in so many minutes.

    The next device engages it: until a person releases it, changes of further devices are held.
    """

    devices: Annotated[int, Field(strict=True, ge=1, le=2_000)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=1_440)]


class PolicyDocument(Part):
    """The whole file."""

    version: Literal[1]
    protected: tuple[Protection, ...] = ()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    budgets: tuple[Budget, ...] = ()
    brakes: tuple[Brake, ...] = ()

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        named: tuple[Named, ...] = (*self.protected, *self.rules, *self.budgets, *self.brakes)
        counted = Counter(each.name for each in named)
        taken = [name for name, number in counted.items() if number > 1 or name in RESERVED]
        if taken:
            raise ValueError(f"names that stand twice, or are taken: {', '.join(sorted(taken))}")
        return self


NO_RULE, KILL_SWITCH, SOURCE_BUDGET = "no-rule", "kill-switch", "source-budget"
RESERVED = frozenset((NO_RULE, KILL_SWITCH, SOURCE_BUDGET))
"""What decides where no part of the file does."""
