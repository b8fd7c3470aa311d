"""What the policy looks at: who asks for what, on whom, as far as the request tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.known_as import KnownAs


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and on what authority.

    `source` is the way in: http, bulk, intake, timer, operator, or the name of a webhook source.
    `approved` says that the source has seen the ticket's approval; `caller` is the application id
    of a caller whose token was checked; `budget` are the changes in an hour that the source's own
    file bounds it to. `has_ticket` says that the bulk change which asks names a ticket, where the
    request for one of its targets does not.
    """

    source: str
    approved: bool = False
    caller: str | None = None
    budget: int | None = None
    has_ticket: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One request in the terms of the policy. `properties` are paths into `set`."""

    asker: Asker
    operation: str
    known_as: KnownAs
    properties: tuple[str, ...]
    has_ticket: bool

    @classmethod
    def of(cls, request: Mapping[str, Any], asker: Asker) -> "Subject":
        """Of a canonical request."""
        return cls(
            asker=asker,
            operation=request["operation"],
            known_as=KnownAs.of(request),
            properties=tuple(_leaves(request.get("set") or {}, "")),
            has_ticket=asker.has_ticket or bool(request.get("ticket")),
        )


def _leaves(value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _leaves(inner, f"{path}{name}/")
        else:
            yield f"{path}{name}"
