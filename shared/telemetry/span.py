"""A span, as data: something that took time, within a trace."""

from dataclasses import dataclass, field
from enum import StrEnum

from shared.telemetry.trace_context import TraceContext

type Value = str | int | float | bool


class Kind(StrEnum):
    """Which side of a call it is, in OpenTelemetry's words."""

    INTERNAL = "INTERNAL"
    CLIENT = "CLIENT"
    PRODUCER = "PRODUCER"


@dataclass(slots=True)
class Span:
    """Times are nanoseconds since 1970. `failed` says that it ended in an error, and of what kind.

    `link` is a span of another trace that it comes from. Attributes are ids, names and numbers:
    never a value of a change, never a name of a person.
    """

    name: str
    kind: Kind
    context: TraceContext
    parent: TraceContext | None
    began: int
    link: TraceContext | None = None
    ended: int = 0
    failed: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)
