"""A source file is tried out on its own examples, each time that it is loaded."""

from shared.changes.operation import Json
from shared.changes.problems import RequestRefused
from shared.changes.request import canonical
from shared.webhooks.mapping import concerns_sluice, is_own, map_payload, read_ticket
from shared.webhooks.source import Example, Source


def failing(source: Source, name: str) -> list[str]:
    """What is wrong with the examples that do not become what they shall; empty when all do."""
    faults = ((example, _fault(source, name, example)) for example in source.examples)
    return [f"example {example.name!r}: {fault}" for example, fault in faults if fault]


def _fault(source: Source, name: str, example: Example) -> str:
    try:
        found = become(source, name, example.payload)
    except RequestRefused as refused:
        return "" if example.refused == refused.first.code else f"it is refused, {refused}"
    if found is None:
        return "" if example.ignored else "it is ignored"
    return "it is accepted" if example.changes is None else _difference(found, example.changes)


def _difference(found: list[Json], wanted: list[Json]) -> str:
    if len(found) != len(wanted):
        return f"it becomes {len(found)} changes"
    for index, (change, other) in enumerate(zip(found, wanted, strict=True)):
        names = [name for name in change | other if change.get(name) != other.get(name)]
        if names:
            return f"change {index} differs in {', '.join(names)}"
    return ""


def become(source: Source, name: str, document: Json) -> list[Json] | None:
    """The canonical requests of a payload, None when it is ignored. Raises RequestRefused."""
    if is_own(source, document):
        return None
    if not concerns_sluice(source, document):
        return None
    ticket = read_ticket(source, document)
    return [canonical(request) for request in map_payload(source, name, ticket, document)]
