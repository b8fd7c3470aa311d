"""What is told of a call to Graph: a span, a count in the line, and the metric of the quotas."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.faults import Fault
from shared.graph.route import Route
from shared.quota.quotas import spent_by
from shared.telemetry.line import count
from shared.telemetry.measurement import GRAPH_REQUESTS
from shared.telemetry.metrics import measure
from shared.telemetry.span import Kind
from shared.telemetry.tracing import spanning

_ERROR = 400


@contextmanager
def graph_call(route: Route, call_id: str) -> Iterator[Callable[[int], None]]:
    """Around one call; what it gives is told the status of the answer.

    The address is told as its template: with its parameters it would hold names of people.
    """
    count("graph")
    quota = next(iter(spent_by(route)), "none")
    with spanning(f"graph {route.line}", Kind.CLIENT, clientRequestId=call_id) as span:

        def answered(status: int) -> None:
            measure(GRAPH_REQUESTS, status=str(status), route=route.line, quota=quota)
            if span:
                span.attributes["status"] = status
                span.failed = f"graph-{status}" if status >= _ERROR else ""

        try:
            yield answered
        except Fault as fault:
            measure(GRAPH_REQUESTS, status=fault.code, route=route.line, quota=quota)
            raise
