"""Single changes beside a bulk change that has used up the quota: counted by what Graph saw."""

from collections.abc import Iterator
from typing import Any

import pytest
from bulk_client import accepted_bulk, add_devices, bulk_request, counted, wait_bulk
from impatience import IMPATIENT
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

pytestmark = pytest.mark.timeout(240)

TARGETS = 36
WRITES, SECONDS = 60, 10.0


@pytest.fixture(scope="module")
def narrow() -> Iterator[BlockingStack]:
    """A stack with one lane, whose Graph takes six writes a second and says no to more."""
    quotas = {"GRAPH_QUOTAS": f"directory-writes={WRITES}/{SECONDS:g}", "LANES": "1"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=IMPATIENT | quotas) as running:
            yield running


def writes(graph: TenantControl) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = graph.call("GET", "/journal", method="PATCH")
    return found


def test_a_single_change_is_written_before_most_of_a_bulk_change_that_began_earlier(
    narrow: BlockingStack,
) -> None:
    with Sluice(narrow.endpoints) as sluice, TenantControl(narrow.endpoints) as graph:
        enforced = {"directory": {"writes": WRITES, "seconds": SECONDS}}
        graph.call("PUT", "/quotas", enforced)
        single = graph.add_device()
        devices = add_devices(graph, TARGETS)
        bulk = accepted_bulk(sluice, bulk_request(devices, canary=1))
        eventually(lambda: len(writes(graph)) > 5, within=60, what="a bulk change at work")
        body = {
            "operation": "patchDevice",
            "target": {"id": single["id"]},
            "set": {"displayName": "HUB-NEW"},
        }
        sluice.wait(sluice.accepted(body), "verified", within=60)
        assert counted(wait_bulk(sluice, bulk, within=180))["verified"] == TARGETS

        order = [single["id"] in write["path"] for write in writes(graph)]
        assert len(order) == TARGETS + 1
        assert order.index(True) < TARGETS / 2
        assert {write["status"] for write in writes(graph)} <= {200, 204}, "nothing was throttled"
