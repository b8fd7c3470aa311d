"""Faults on request: what the next matching exchanges shall suffer."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    PositiveInt,
    model_validator,
)
from pydantic.alias_generators import to_camel

STRICT = ConfigDict(extra="forbid", alias_generator=to_camel, validate_by_name=True)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


class Match(BaseModel):
    """Which requests a fault is for; an absent member matches everything."""

    model_config = STRICT
    method: str | None = None
    path: Annotated[str, AfterValidator(_compiles)] = ""
    """Regular expression, found anywhere in the path as sent (percent-encoded, no query)."""

    def covers(self, method: str, path: str) -> bool:
        """Whether a request with this method and path is meant."""
        return self.method in {None, method} and re.search(self.path, path) is not None


class Fault(BaseModel):
    """What happens to a matching exchange.

    - `status` answers instead of the service, without an effect unless `afterEffect`; `body` is
      sent as it is when a string and as JSON otherwise, and the service's own error shape is used
      when there is none.
    - `drop` closes the connection without an answer, "before" or "after" the effect.
    - `delaySeconds` holds the answer back, after the effect.
    """

    model_config = STRICT
    match: Match = Match()
    times: PositiveInt | None = 1
    """How many exchanges; None means until cleared."""
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str] = {}
    body: JsonValue = None
    after_effect: bool = False
    delay_seconds: NonNegativeFloat = 0
    drop: Literal["before", "after"] | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.drop and self.status:
            raise ValueError("a dropped exchange has no status")
        return self

    @property
    def prevents_effect(self) -> bool:
        """Whether the service never sees the request."""
        return self.drop == "before" or (self.status is not None and not self.after_effect)


@dataclass(slots=True)
class _Planned[F: Fault]:
    fault: F
    remaining: int | None


class FaultPlan[F: Fault]:
    """The faults still to come, first planned first."""

    def __init__(self, kind: type[F]) -> None:
        self.kind = kind
        self._planned: list[_Planned[F]] = []

    def add(self, fault: F) -> None:
        """Plan one more fault, after those already planned."""
        self._planned.append(_Planned(fault, fault.times))

    def clear(self) -> None:
        """Forget every fault."""
        self._planned.clear()

    def take(self, method: str, path: str) -> F | None:
        """Return the fault for this exchange, if any, and count it as used."""
        for planned in self._planned:
            if planned.fault.match.covers(method, path):
                if planned.remaining is not None:
                    planned.remaining -= 1
                    if planned.remaining == 0:
                        self._planned.remove(planned)
                return planned.fault
        return None

    def pending(self) -> list[dict[str, object]]:
        """List what is still planned, as it was asked for, with the number of times left."""
        return [
            planned.fault.model_dump(by_alias=True, exclude_unset=True)
            | {"times": planned.remaining}
            for planned in self._planned
        ]
