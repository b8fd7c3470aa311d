"""The policy of a running Sluice: on record, at every way in, and in a person's hands."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asking import set_attribute
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack
from shared.policy.limits import brake_cell
from shared.policy.policy_file import load
from shared.records.policy_cells import TableCells
from shared.records.tables import Tables

BRAKE = "mass-change"


@pytest.fixture(scope="module")
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


@pytest.fixture
def stopped(sluice: Sluice) -> Iterator[dict[str, Any]]:
    answer = sluice.http.post("/brake", json={"on": True, "reason": "a test"})
    yield answer.json()
    assert sluice.http.post("/brake", json={"on": False}).status_code == 200


async def engage(stack: BlockingStack) -> None:
    """As the device too many does it, in the store that all instances share."""
    tables = Tables.connect(stack.endpoints.table_connection, None)
    try:
        cells, name = TableCells(tables), brake_cell(BRAKE)
        engaged = {"devices": {}, "engagedAt": datetime.now(UTC).isoformat()}
        while not await cells.swap(name, await cells.read(name), engaged):
            pass
    finally:
        await tables.close()


def test_the_rule_that_allowed_a_change_is_on_its_record(
    sluice: Sluice, graph: TenantControl
) -> None:
    change = sluice.wait(sluice.accepted(set_attribute(graph.add_device(), "x")), "verified")
    decision = change["decision"]
    assert (decision["outcome"], decision["rule"]) == ("allow", "callers")
    assert decision["policy"] == load(Path("policy.yaml")).digest
    assert decision["releasedAt"] is None


async def test_an_engaged_brake_holds_what_comes_by_http_and_queue_until_a_person_lets_it_go(
    sluice: Sluice,
    graph: TenantControl,
    stack: BlockingStack,
    queues: Queues,
    operator: OperatorCommand,
) -> None:
    await engage(stack)
    first, second, third = graph.add_device(), graph.add_device(), graph.add_device()
    key = str(uuid.uuid4())
    change = sluice.accepted(set_attribute(first, "x"), key=key)
    held = sluice.get(change)
    assert (held["state"], held["failure"]["code"]) == ("held", "held-by-policy")
    assert held["decision"]["rule"] == BRAKE
    assert sluice.accepted(set_attribute(first, "x"), key=key) == change
    queues.send_intake(set_attribute(second, "x"))
    given_up = sluice.accepted(set_attribute(third, "x"))
    assert sluice.act(given_up, "cancel").status_code == 200

    def both_held() -> dict[str, Any] | None:
        told: dict[str, Any] = sluice.http.get("/brake").json()
        return told if told["held"].get(BRAKE) == 2 else None

    told = eventually(both_held)
    [brake] = told["brakes"]
    assert (brake["name"], bool(brake["engagedAt"])) == (BRAKE, True)
    code, lines = operator.run("brake", "show")
    assert (code, f"held by {BRAKE}: 2" in lines) == (1, True)
    assert graph.effects(first["id"]) == graph.effects(second["id"]) == []

    code, lines = operator.run("brake", "release", BRAKE)
    assert (code, lines) == (0, [f"{BRAKE}: 2 decided, 0 left"])
    done = sluice.wait(change, "verified")
    assert done["decision"]["releasedAt"]
    assert [len(graph.effects(each["id"])) for each in (first, third)] == [1, 0]
    assert sluice.http.get("/brake").json()["held"] == {}


def test_nothing_begins_while_the_kill_switch_is_on(
    sluice: Sluice, graph: TenantControl, stopped: dict[str, Any]
) -> None:
    assert (stopped["on"], stopped["reason"]) == (True, "a test")
    device = graph.add_device()
    change = sluice.accepted(set_attribute(device, "x"))
    sluice.wait(change, "held")
    refused = sluice.act(change, "release", {"window": True})
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:sluice:problem:kill-switch-on",
    )
    assert sluice.http.get("/brake").json()["killSwitch"]["on"] is True
    assert graph.effects(device["id"]) == []
    sluice.http.post("/brake", json={"on": False})
    done = sluice.wait(change, "verified")
    assert [step["detail"] for step in done["timeline"] if step["state"] == "held"] == [
        "kill-switch"
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/brake", {"on": "yes"}, 422),
        ("/brake", {"on": True, "surprise": 1}, 422),
        ("/brake/release", {"rule": "nobody"}, 404),
        ("/brake/cancel", {}, 422),
    ],
)
def test_what_is_wrong_with_a_request_is_named(
    sluice: Sluice, path: str, body: dict[str, Any], status: int
) -> None:
    answer = sluice.http.post(path, json=body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
