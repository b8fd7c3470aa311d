"""What Graph says of its quotas beside an answer, and who is told."""

import pytest
from recording_graph import RecordingGraph

from shared.clock import utc_now
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.route import Route
from shared.graph.routes import ROUTES

DEVICE = {"id": "6a59ea83-02bd-468f-a40b-f2c3d1821983"}


class Listening:
    """A gate that is open and keeps what it is told."""

    def __init__(self) -> None:
        self.heard_of: list[tuple[str, float]] = []

    async def enter(self, route: Route) -> None:
        """At once."""

    async def refused(self, route: Route, retry_after: float | None) -> None:
        """Of no interest."""

    async def heard(self, route: Route, used: float) -> None:
        self.heard_of.append((route.method, used))


@pytest.mark.parametrize(
    ("said", "heard"), [("0.93", [0.93]), ("1.8", [1.8]), ("much", []), ("nan", []), ("-3", [])]
)
async def test_how_full_a_quota_is_reaches_the_gate(
    said: str, heard: list[float], graph: RecordingGraph, credential: ForgetfulCredential
) -> None:
    gate = Listening()
    client = GraphClient(graph.root, credential, utc_now, gate)
    graph.will_answer(204, x_ms_throttle_limit_percentage=said)
    graph.will_answer(204)
    for _ in range(2):
        await client.call(ROUTES["patch-device"], DEVICE, body={"displayName": "H"}, calls=[])
    await client.close()
    assert gate.heard_of == [("PATCH", used) for used in heard]
