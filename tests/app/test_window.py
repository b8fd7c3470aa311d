"""A change with a window is made inside it or not at all."""

from datetime import UTC, datetime, timedelta

from asking import set_attribute
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl


def test_a_change_is_held_until_its_window_opens(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    opens = datetime.now(UTC) + timedelta(seconds=4)
    request = {**set_attribute(device, "x"), "notBefore": opens.isoformat()}
    identity = sluice.accepted(request)
    assert sluice.get(identity)["state"] == "held"
    assert sluice.wait(identity)["state"] == "verified"
    [write] = graph.effects(device["id"])
    # The broker's clock may be two seconds ahead of the app's.
    assert write["at"] >= opens.timestamp() - 2


def test_a_change_expires_when_its_window_closes_while_it_waits(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", delaySeconds=2)
    first = sluice.accepted(set_attribute(device, "first"))
    closes = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    late = sluice.accepted({**set_attribute(device, "late"), "notAfter": closes})
    assert sluice.wait(late)["state"] == "expired"
    assert sluice.wait(first)["state"] == "verified"
    assert [entry["body"] for entry in graph.effects(device["id"])] == [
        {"extensionAttributes": {"extensionAttribute1": "first"}}
    ]
    assert queues.outcome(late)["state"] == "expired"
