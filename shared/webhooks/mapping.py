"""What a source file makes of a payload: nothing, a refusal, or canonical requests."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.changes.problems import PathPart, Problem, RequestRefused, pointer
from shared.changes.request import ChangeRequest, read_request
from shared.webhooks.expressions import Expression, NotEvaluated
from shared.webhooks.source import MOST_CHANGES, Rule, Source

_TICKET_ID = re.compile(r"[0-9A-Za-z#][0-9A-Za-z#_.-]{0,127}")
_PASSWORD_TOLD = re.compile(
    r"\b(pass(word|wort|code|phrase)|pwd|kennwort)\b[^\w\n]{0,8}(is|ist|=|:)\s*\S", re.IGNORECASE
)

_PLAN_HASH = re.compile("sha256:[0-9a-f]{64}")

type Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The ticket that a payload is about. `version` is comparable with others of the ticket."""

    id: str
    number: str | None
    version: str | int | float | None

    def reference(self, source: str) -> dict[str, str]:
        """As a canonical request has it."""
        number = {"number": self.number} if self.number else {}
        return {"source": source, "id": self.id, **number}


def read_ticket(source: Source, document: Document) -> Ticket | None:
    """The ticket; None for a source without. Raises RequestRefused when it is not to be found."""
    fields = source.ticket
    if fields is None:
        return None
    number = _text_of("/ticket/number", fields.number, document) if fields.number else None
    ticket_id = _text_of("/ticket/id", fields.id, document)
    if ticket_id is None:
        raise _refused("no-ticket", "/ticket/id", "The payload does not tell its ticket.")
    version = _value("/ticket/version", fields.version, document) if fields.version else None
    if isinstance(version, bool) or not isinstance(version, str | int | float | None):
        detail = "The version of the ticket is neither a number nor a text."
        raise _refused("mapping-failed", "/ticket/version", detail)
    return Ticket(ticket_id, number, version)


def concerns_sluice(source: Source, document: Document) -> bool:
    """Whether the file accepts the payload; everything else is other people's business."""
    return _value("/accept", source.accept, document) is True


def is_own(source: Source, document: Document) -> bool:
    """Whether the event is of what Sluice wrote into the ticket: nobody asks for anything."""
    return source.own is not None and _value("/own", source.own, document) is True


def is_approved(source: Source, document: Document) -> bool:
    """Whether the ticket is approved."""
    return _value("/approved", source.approved, document) is True


def plan_hashes(source: Source, document: Document) -> frozenset[str]:
    """The hashes of plans that an approved ticket carries; none of one that is not approved."""
    if source.plan is None or not is_approved(source, document):
        return frozenset()
    said = json.dumps(_value("/plan/hash", source.plan.hash, document))
    return frozenset(_PLAN_HASH.findall(said))


def map_payload(
    source: Source, name: str, ticket: Ticket | None, document: Document
) -> list[ChangeRequest]:
    """The canonical requests that the payload asks for; raises RequestRefused.

    `name` is what the source is called: its tickets carry it.
    """
    if source.plan is None and not is_approved(source, document):
        raise _refused("not-approved", "/approved", "The ticket is not approved.")
    mapped = [
        request
        for index, rule in enumerate(source.rules)
        for request in _apply(f"/rules/{index}", rule, document)
    ]
    if not mapped:
        raise _refused("no-change", "/rules", "No rule of the source makes a change of this.")
    if len(mapped) > MOST_CHANGES:
        detail = f"A payload may ask for {MOST_CHANGES} changes at most."
        raise _refused("too-many-changes", "/rules", detail)
    common = {"ticket": ticket.reference(name)} if ticket else {}
    return [_canonical(index, request | common) for index, request in enumerate(mapped)]


def occurrence(source: Source, document: Document) -> str:
    """What tells a wanted repetition from a repeated event; empty where the file names nothing."""
    if source.occurrence is None:
        return ""
    return json.dumps(_value("/occurrence", source.occurrence, document), sort_keys=True)


def _apply(at: str, rule: Rule, document: Document) -> Iterator[dict[str, Any]]:
    if _value(f"{at}/when", rule.when, document) is not True:
        return
    if rule.each is None:
        yield _filled(f"{at}/request", rule, document)
        return
    elements = _value(f"{at}/each", rule.each, document)
    if not isinstance(elements, list):
        raise _refused("mapping-failed", f"{at}/each", "It does not give a list here.")
    if len(elements) > MOST_CHANGES:
        detail = f"A payload may ask for {MOST_CHANGES} changes at most."
        raise _refused("too-many-changes", f"{at}/each", detail)
    for element in elements:
        yield _filled(f"{at}/request", rule, {"each": element, "payload": document})


def _filled(at: str, rule: Rule, document: Document) -> dict[str, Any]:
    return {"operation": rule.operation, **_fill(at, rule.request, document)}


def _fill(at: str, template: Any, document: Document) -> Any:
    """The template with what its expressions say; what is missing in the payload is left out.

    Null in the file clears a property. A payload cannot: an absent field must not.
    """
    if isinstance(template, Expression):
        return _value(at, template, document)
    if isinstance(template, dict):
        members = {
            name: (member, _fill(f"{at}/{name}", member, document))
            for name, member in template.items()
        }
        return {
            name: value
            for name, (member, value) in members.items()
            if not (value is None and isinstance(member, Expression))
        }
    if isinstance(template, list):
        return [_fill(f"{at}/{index}", each, document) for index, each in enumerate(template)]
    return template


def _canonical(index: int, request: dict[str, Any]) -> ChangeRequest:
    for path, text in _texts((), request):
        if _PASSWORD_TOLD.search(text):
            detail = "The text tells a password; take it out, and change it."
            raise _refused("password-in-request", f"/changes/{index}{pointer(path)}", detail)
    try:
        return read_request(json.dumps(request).encode())
    except RequestRefused as refused:
        problems = [
            Problem(each.code, f"/changes/{index}{each.pointer}", each.detail)
            for each in refused.problems
        ]
        raise RequestRefused(422, problems) from None


def _texts(path: tuple[PathPart, ...], value: Any) -> Iterator[tuple[tuple[PathPart, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts((*path, name), member)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _texts((*path, index), element)


def _text_of(at: str, expression: Expression, document: Document) -> str | None:
    """An id out of a payload: goes into records, addresses and notes, so it is plain."""
    value = _value(at, expression, document)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or (isinstance(value, str) and _TICKET_ID.fullmatch(value)):
        return value
    raise _refused("not-an-id", at, "It is not an id of letters, digits, _ . - and #.")


def _value(at: str, expression: Expression, document: Document) -> Any:
    try:
        return expression.of(document)
    except NotEvaluated as error:
        detail = f"The expression does not fit the payload ({error})."
        raise _refused("mapping-failed", at, detail) from None


def _refused(code: str, at: str, detail: str) -> RequestRefused:
    return RequestRefused(422, [Problem(code, at, detail)])
