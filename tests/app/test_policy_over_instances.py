"""Budgets and brakes of a Sluice that runs in two processes, which are stopped and started."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import set_attribute
from impatience import IMPATIENT
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

HOSTS = ("host", "host-2")
POLICY = {
    "version": 1,
    "rules": [{"name": "all", "sources": ["*"], "decision": "allow"}],
    "budgets": [{"name": "hourly", "sources": ["http"], "changesPerHour": 3}],
    "brakes": [{"name": "mass-change", "sources": ["intake"], "devices": 5, "minutes": 60}],
}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[BlockingStack]:
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(POLICY))
    settings = IMPATIENT | {"POLICY_FILE": str(tmp_path / "policy.yaml")}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(hosts=len(HOSTS), settings=settings) as running:
            yield running


def test_a_brake_and_a_budget_hold_over_two_hosts_and_their_restarts(two: BlockingStack) -> None:
    with (
        Sluice(two.endpoints) as sluice,
        TenantControl(two.endpoints) as graph,
        Queues(two.endpoints) as queues,
    ):

        def held(rule: str, count: int) -> None:
            def look() -> bool:
                return bool(sluice.http.get("/brake").json()["held"].get(rule, 0) >= count)

            eventually(look, within=60, what=f"{count} held by {rule}")

        def asked() -> dict[str, Any]:
            return sluice.get(sluice.accepted(set_attribute(graph.add_device(), "x")))

        began = datetime.now(UTC).hour
        came = [asked() for _ in range(4)]
        devices = [graph.add_device() for _ in range(12)]
        for device in devices:
            queues.send_intake(set_attribute(device, "x"))
        held("mass-change", 7)
        for host in HOSTS:
            two.stop(host)
        for host in HOSTS:
            two.start(host)
        late = [graph.add_device() for _ in range(3)]
        for device in late:
            queues.send_intake(set_attribute(device, "x"))
        held("mass-change", 10)
        came += [asked() for _ in range(2)]
        [brake] = sluice.http.get("/brake").json()["brakes"]
        assert brake["engagedAt"]

        def written() -> bool:
            return sum(len(graph.effects(device["id"])) for device in devices) == 5

        eventually(written, what="the five that the brake let pass")
        assert not any(graph.effects(device["id"]) for device in late)
        decided = Counter(each["decision"]["rule"] for each in came)
        hours = 1 + (datetime.now(UTC).hour != began)
        assert decided["all"] <= 3 * hours
        assert hours > 1 or decided == {"all": 3, "hourly": 3}
