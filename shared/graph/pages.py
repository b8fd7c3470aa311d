"""A whole list of Graph's, page by page."""

from collections.abc import AsyncIterator, Collection

from shared.changes.operation import GraphCall, Json
from shared.graph.client import GraphClient
from shared.graph.route import Route

PAGE = 999
"""The largest that every list takes (Microsoft Graph, "Use query parameters")."""


async def every(
    graph: GraphClient,
    route: Route,
    parameters: Json,
    *,
    select: Collection[str],
    where: str | None = None,
) -> AsyncIterator[Json]:
    """Each object of the list that meets the OData filter `where`. Raises Fault."""
    calls: list[GraphCall] = []
    page: str | None = None
    while True:
        answer = await graph.call(
            route, parameters, select=select, where=where, top=PAGE, page=page, calls=calls
        )
        for each in answer.get("value") or []:
            yield each
        page = answer.get("@odata.nextLink")
        if not page:
            return
        calls.clear()
