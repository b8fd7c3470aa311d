"""Find objects by what one of their properties is.

What a list answers is compared here once more: Intune is reported to ignore a filter on a property
that it cannot filter by, and then lists everything; to take `eq` for "contains"; and to list
everything for an empty value. Sources: microsoftgraph/microsoft-graph-docs #19890 and #20196,
microsoft/Intune-PowerShell-SDK #39, and for quotes Microsoft Graph, "Use query parameters".
"""

from collections.abc import Collection

from shared.changes.operation import GraphCall, Json
from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.route import Route

PAGE = 100
MOST_PAGES = 10
"""Whoever needs more of them is answered with what the filter does not leave out."""


async def search(
    graph: GraphClient,
    route: Route,
    name: str,
    value: str,
    *,
    select: Collection[str],
    calls: list[GraphCall],
) -> list[Json]:
    """The objects of a list whose property `name` is `value`, upper or lower case alike.

    Raises Fault; Permanent `not-searchable` when the answer does not come to an end.
    """
    members, page = sorted({*select, name}), None
    found: list[Json] = []
    for _ in range(MOST_PAGES):
        answer = await graph.call(
            route,
            {},
            select=members,
            where=equals(name, value),
            top=PAGE,
            page=page,
            calls=calls,
        )
        found += [each for each in answer.get("value") or [] if is_same(each.get(name), value)]
        page = answer.get("@odata.nextLink")
        if not page:
            return found
    detail = f"Graph lists too many objects that have another {name}; name the target otherwise."
    raise Permanent("not-searchable", detail)


def equals(name: str, value: str) -> str:
    """The OData filter for a text; a quote in it is doubled."""
    return f"{name} eq '{value.replace("'", "''")}'"


def is_same(found: object, value: str) -> bool:
    """Whether a property has this value, as Graph compares texts."""
    return isinstance(found, str) and found.lower() == value.lower()
