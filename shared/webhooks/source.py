"""A source file: how one sending tool is verified, and what its payloads mean.

docs/webhooks/sources.md describes it for its users. It is checked in full when it is loaded;
expressions are compiled here, so a source that exists can run.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    StringConstraints,
    model_validator,
)

from shared.changes.request import OPERATIONS
from shared.policy.document import ChangesPerHour
from shared.webhooks.expressions import Expression
from shared.webhooks.tool import Access, Address, WriteBack
from shared.webhooks.verifiers.forms import Part, Verifier

ROTATE = "rotateDeviceAccount"
MOST_CHANGES = 25
"""What one payload may ask for."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
RESERVED = frozenset(("http", "bulk", "intake", "timer", "operator"))
"""What the other ways in call themselves."""


def _compiled(template: Any) -> Any:
    """The template with an expression for every text."""
    if isinstance(template, str):
        return Expression.compile(template)
    if isinstance(template, dict):
        return {name: _compiled(member) for name, member in template.items()}
    if isinstance(template, list):
        return [_compiled(element) for element in template]
    return template


type Compiled = Annotated[InstanceOf[Expression], BeforeValidator(_compiled)]
type Template = Annotated[dict[str, Any], BeforeValidator(_compiled)]
"""Members of a canonical request, with expressions for texts; null clears a property."""


class TicketFields(Part):
    """Where a payload has its ticket. `version` grows with each update: what is older is late."""

    id: Compiled
    number: Compiled | None = None
    version: Compiled | None = None


class Rule(Part):
    """When it applies, what is asked for: `request` is a canonical request, of texts expressions.

    `each` makes one change of each element of a list; then `request` sees
    {"each": <element>, "payload": <all>}.
    """

    when: Compiled
    each: Compiled | None = None
    operation: Annotated[str, StringConstraints(pattern=f"^({'|'.join(OPERATIONS)})$")]
    request: Template

    @model_validator(mode="after")
    def _leaves_the_rest_to_sluice(self) -> Self:
        if taken := self.request.keys() & {"operation", "ticket", "dryRun", "plan"}:
            raise ValueError(f"a mapping may not set {', '.join(sorted(taken))}")
        return self


class Example(Part):
    """A payload and what it has to become: `changes`, or `ignored`, or `refused` with a code."""

    name: Annotated[str, Field(min_length=1)]
    payload: dict[str, Any]
    changes: list[dict[str, Any]] | None = None
    ignored: bool = False
    refused: str | None = None

    @model_validator(mode="after")
    def _expects_one_thing(self) -> Self:
        if sum((self.changes is not None, self.ignored, self.refused is not None)) != 1:
            raise ValueError("an example expects one of changes, ignored and refused")
        return self


class Fetch(Access):
    """Thin mode: of the payload only the ticket's id is taken; the mapping reads the ticket.

    `url` has {id} where the id goes. `into` finds the ticket in the answer.
    """

    id: Compiled
    pattern: Annotated[str, Field(min_length=1, max_length=200)]
    url: Annotated[Address, StringConstraints(pattern=r"^[^{}]+\{id\}[^{}]*$")]
    into: Compiled | None = None

    @model_validator(mode="after")
    def _has_a_pattern(self) -> Self:
        re.compile(self.pattern)
        return self


class PlanFirst(Part):
    """Changes are planned first, and made once an approved ticket carries the hash of their plan.

    `hash` finds it: a text or a list of texts with one or more of them in it.
    """

    hash: Compiled


class Bound(Part):
    """How much the source may ask for, whatever the policy file allows it beyond."""

    changesPerHour: ChangesPerHour


class Source(Part):
    """One file of `sources/`."""

    version: Literal[1]
    description: Annotated[str, Field(min_length=1)]
    verify: Verifier
    allowedOrigins: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Who may ask with OPTIONS whether it may send here (CloudEvents webhook validation)."""
    envelope: Literal["plain", "cloudevents"] = "plain"
    """With `cloudevents` nothing else is taken, and the mapping sees the whole event."""
    controlCharacters: bool = False
    """Whether texts may hold raw tabs and line ends, as ServiceNow's templates leave them."""
    queue: bool = False
    """Whether messages on `intake` may name this source."""
    fetch: Fetch | None = None
    ticket: TicketFields | None = None
    accept: Compiled
    approved: Compiled
    plan: PlanFirst | None = None
    occurrence: Compiled | None = None
    """What tells a wanted repetition from a repeated event, for example the time of approval."""
    budget: Bound | None = None
    """What goes beyond is held, as by a budget of the policy file."""
    own: Compiled | None = None
    """Whether the event is of something that Sluice wrote into the ticket itself."""
    writeBack: WriteBack | None = None
    """Where it is told what became of the changes."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    examples: Annotated[tuple[Example, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _plans_what_can_be_planned(self) -> Self:
        if self.plan and self.ticket is None:
            raise ValueError("a plan is approved by a ticket, and the file names none")
        if self.plan and any(rule.operation == ROTATE for rule in self.rules):
            raise ValueError(f"{ROTATE} has no plan")
        return self

    @model_validator(mode="after")
    def _has_an_example_of_a_refusal(self) -> Self:
        if not any(example.changes is None for example in self.examples):
            raise ValueError("at least one example has to be ignored or refused")
        if not any(example.changes for example in self.examples):
            raise ValueError("at least one example has to ask for a change")
        return self
