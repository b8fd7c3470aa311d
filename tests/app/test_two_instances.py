"""What a Sluice in two processes remembers together, also when all of them are started anew."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from app_identity import AppIdentity
from asking import set_attribute
from azure.keyvault.secrets import SecretClient
from impatience import IMPATIENT
from queues import Queues
from senders import SECRETS, signed
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

ROOT = Path(__file__).parents[2]
HOSTS = ("host", "host-2")
POLICY = {
    "version": 1,
    "rules": [{"name": "all", "sources": ["*"], "decision": "allow"}],
    "budgets": [{"name": "hourly", "sources": ["http"], "changesPerHour": 3}],
    "brakes": [{"name": "mass-change", "sources": ["intake"], "devices": 5, "minutes": 60}],
}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingStack]:
    file = tmp_path_factory.mktemp("policy") / "policy.yaml"
    file.write_text(yaml.safe_dump(POLICY))
    settings = IMPATIENT | {"POLICY_FILE": str(file)}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(hosts=len(HOSTS), settings=settings) as running:
            yield running


def restart(two: BlockingStack) -> None:
    for host in HOSTS:
        two.stop(host)
    for host in HOSTS:
        two.start(host)


def test_a_signed_webhook_is_a_replay_after_a_restart_as_well(two: BlockingStack) -> None:
    with (
        Sluice(two.endpoints) as sluice,
        SecretClient(
            two.endpoints.vault,
            AppIdentity(two.endpoints),
            verify_challenge_resource=False,
            connection_verify=str(two.endpoints.vault_ca),
        ) as vault,
    ):
        vault.set_secret("webhook-servicenow", SECRETS["webhook-servicenow"])
        document = yaml.safe_load((ROOT / "sources" / "servicenow.yaml").read_text())
        body = json.dumps(document["examples"][0]["payload"]).encode()
        headers = {"Content-Type": "application/json"} | signed(
            "servicenow", body, datetime.now(UTC)
        )

        def status() -> str:
            answer = sluice.http.post("/webhooks/servicenow", content=body, headers=headers)
            assert answer.status_code == 202, answer.text
            return str(answer.json()["status"])

        assert status() == "accepted"
        restart(two)
        assert status() == "duplicate"


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
        restart(two)
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
