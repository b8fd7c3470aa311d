"""Changes beside a backlog that has used up its quota: counted by what Graph saw."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from bulk_client import accepted_bulk, add_devices, bulk_request, counted, wait_bulk
from impatience import IMPATIENT
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

pytestmark = pytest.mark.timeout(240)

TARGETS = 36
WRITES, SECONDS = 60, 10.0
BACKLOG = 24


@pytest.fixture(scope="module")
def narrow() -> Iterator[BlockingStack]:
    """A stack with one lane of each kind; the directory takes six writes a second, Intune one."""
    sizes = f"directory-writes={WRITES}/{SECONDS:g},intune-writes={BACKLOG}/{BACKLOG}"
    quotas = {"GRAPH_QUOTAS": sizes, "LANES": "1"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=IMPATIENT | quotas) as running:
            yield running


def writes(graph: TenantControl, of: str = "/devices/") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = graph.call("GET", "/journal", method="PATCH", path=of)
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


def test_a_change_that_a_person_asks_for_does_not_wait_for_a_backlog_on_the_queue(
    narrow: BlockingStack,
) -> None:
    def patch(device: dict[str, Any]) -> dict[str, Any]:
        return {
            "operation": "patchManagedDevice",
            "target": {"managedDeviceId": device["id"]},
            "set": {"notes": "y"},
        }

    with (
        Sluice(narrow.endpoints) as sluice,
        TenantControl(narrow.endpoints) as graph,
        Queues(narrow.endpoints) as queues,
    ):
        for _ in range(BACKLOG * 2):
            queues.send_intake(patch(graph.add_managed_device()), message_id=str(uuid.uuid4()))
        eventually(lambda: not queues.peek("intake"), within=60, what="all of it accepted")
        before = len(writes(graph, of="managedDevices"))
        sluice.wait(sluice.accepted(patch(graph.add_managed_device())), "verified", within=60)
        assert len(writes(graph, of="managedDevices")) < before + BACKLOG / 2


def test_a_change_in_the_directory_does_not_wait_for_a_backlog_of_single_ones_in_intune(
    narrow: BlockingStack,
) -> None:
    with Sluice(narrow.endpoints) as sluice, TenantControl(narrow.endpoints) as graph:
        for _ in range(BACKLOG * 2):
            managed = graph.add_managed_device()
            sluice.accepted(
                {
                    "operation": "patchManagedDevice",
                    "target": {"managedDeviceId": managed["id"]},
                    "set": {"notes": "x"},
                }
            )
        device = graph.add_device()
        body = {
            "operation": "patchDevice",
            "target": {"id": device["id"]},
            "set": {"displayName": "HUB-NEW"},
        }
        before = len(writes(graph, of="managedDevices"))
        sluice.wait(sluice.accepted(body), "verified", within=60)
        assert len(writes(graph, of="managedDevices")) < before + BACKLOG / 2
