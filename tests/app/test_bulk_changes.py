"""One request for many targets, through the real ways in."""

import json
import os
import sys
import time
import uuid

import pytest
from bulk_client import (
    accepted_bulk,
    act_bulk,
    add_devices,
    bulk_request,
    counted,
    get_bulk,
    post_bulk,
    wait_bulk,
)
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack

FAR = "2099-01-01T00:00:00Z"


@pytest.fixture
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


def test_every_target_is_changed_once_and_the_parent_tells_so(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    devices = add_devices(graph, 60)
    ticket = {"source": "servicenow", "id": "1"}
    bulk = accepted_bulk(sluice, bulk_request(devices, ticket=ticket))
    done = wait_bulk(sluice, bulk, within=110)
    assert (done["state"], counted(done)) == ("verified", {"verified": 60}), done["failure"]
    assert done["canary"] == {"targets": 10, "over": True}
    names = [graph.stored("devices", device["id"])["displayName"] for device in devices[::12]]
    assert names == ["HUB-NEW"] * 5
    page = sluice.http.get(f"/bulk-changes/{bulk}/targets", params={"after": 39}).json()
    assert (page["after"], len(page["targets"])) == (None, 20)
    last = page["targets"][-1]
    assert (last["index"], last["target"]) == (59, {"id": devices[-1]["id"]})
    child = sluice.get(last["change"])
    assert (child["state"], child["parent"], child["source"]) == ("verified", bulk, "bulk")
    assert len(graph.effects(devices[0]["id"])) == 1
    outcome = queues.outcome(bulk)
    assert (outcome["state"], outcome["ticket"]) == ("verified", ticket)
    assert queues.outcome(last["change"])["ticket"] is None


def test_it_halts_when_the_canary_fails_and_goes_on_when_a_person_says_so(
    sluice: Sluice, graph: TenantControl, operator: OperatorCommand
) -> None:
    devices = add_devices(graph, 12)
    wrong = bulk_request(devices, canary=3, failureShare=0.2)
    wrong["targets"][1] = {"id": str(uuid.uuid4())}
    bulk = accepted_bulk(sluice, wrong)
    halted = wait_bulk(sluice, bulk, "held")
    assert halted["failure"]["code"] == "too-many-failures"
    assert counted(halted) == {"notBegun": 9, "verified": 2, "failed": 1}
    [failure] = halted["failures"]
    assert failure["code"] == "graph-404-Request_ResourceNotFound"
    refused = act_bulk(sluice, bulk, "resume")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "still-failing")
    assert not graph.journal(devices[5]["id"])
    code, lines = operator.run("bulk", "resume", bulk, "--failure-share", "0.5")
    assert (code, lines[0]) == (0, f"{bulk}  applying")
    done = wait_bulk(sluice, bulk)
    assert (done["state"], done["failure"]["code"]) == ("failed", "targets-failed")
    assert counted(done) == {"verified": 11, "failed": 1}
    failed = sluice.http.get(f"/bulk-changes/{bulk}/targets", params={"state": "failed"}).json()
    assert [(each["index"], each["change"]) for each in failed["targets"]] == [
        (1, failure["change"])
    ]


def test_a_failed_target_that_is_redriven_is_counted_anew(
    sluice: Sluice, graph: TenantControl, queues: Queues, operator: OperatorCommand
) -> None:
    known, unknown = add_devices(graph, 1)[0], str(uuid.uuid4())
    request = bulk_request([known, {"id": unknown}], canary=0, failureShare=1)
    bulk = accepted_bulk(sluice, request)
    [failure] = wait_bulk(sluice, bulk, "failed")["failures"]
    graph.call("POST", "/objects", {"devices": [known | {"id": unknown}]})
    for dead in (failure["change"], bulk):
        queues.dead_change(dead)
        code, _ = operator.run("dead-letters", "redrive", dead)
        assert code == 0
    done = wait_bulk(sluice, bulk, "verified")
    assert counted(done) == {"verified": 2}


def test_cancelled_it_begins_no_more_and_cancels_what_has_not_been_written(
    sluice: Sluice, graph: TenantControl
) -> None:
    devices = add_devices(graph, 6)
    for device in devices[:2]:
        before = {"operation": "patchDevice", "target": {"id": device["id"]}}
        graph.fault(device["id"], method="PATCH", status=503, times=2)
        sluice.accepted(before | {"set": {"displayName": "FIRST"}})
    bulk = accepted_bulk(sluice, bulk_request(devices, canary=2))
    answer = act_bulk(sluice, bulk, "cancel")
    assert (answer.status_code, answer.json()["cancelling"]) == (200, True)
    assert act_bulk(sluice, bulk, "cancel").status_code == 200
    done = wait_bulk(sluice, bulk)
    assert (done["state"], done["cancelling"]) == ("cancelled", False)
    assert done["counts"]["notBegun"] >= 4
    assert done["counts"]["open"] == 0
    assert not graph.journal(devices[5]["id"])
    again = act_bulk(sluice, bulk, "resume")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "not-resumable")


def test_a_csv_file_names_the_targets(sluice: Sluice, graph: TenantControl) -> None:
    devices = add_devices(graph, 3)
    change = json.dumps({"operation": "patchDevice", "set": {"displayName": "CSV"}})
    lines = ["id;deviceId", *(f"{device['id']};" for device in devices), ""]
    files = {
        "change": ("change.json", change.encode()),
        "targets": ("hubs.csv", "\ufeff".encode() + "\r\n".join(lines).encode()),
    }
    answer = sluice.http.post("/bulk-changes", files=files)
    assert answer.status_code == 202, answer.text
    done = wait_bulk(sluice, answer.json()["id"])
    assert counted(done) == {"verified": 3}
    assert graph.stored("devices", devices[2]["id"])["displayName"] == "CSV"


def test_one_wrong_target_of_many_is_named_and_none_is_written(
    sluice: Sluice, graph: TenantControl
) -> None:
    devices = add_devices(graph, 30)
    request = bulk_request(devices)
    request["targets"][17] = {"id": "no-guid"}
    answer = post_bulk(sluice, request)
    assert answer.status_code == 422
    summary, fault = answer.json()["errors"]
    assert summary["code"] == "targets-refused"
    assert "1 of 30" in summary["detail"]
    assert (fault["code"], fault["pointer"]) == ("invalid-value", "/targets/17/id")
    twice = post_bulk(sluice, bulk_request([*devices, devices[3]])).json()["errors"][1]
    assert (twice["code"], twice["pointer"]) == ("duplicate-target", "/targets/30")
    assert not graph.journal(devices[0]["id"])


def test_a_key_stands_for_one_bulk_change(sluice: Sluice, graph: TenantControl) -> None:
    devices, key = add_devices(graph, 2), str(uuid.uuid4())
    request = bulk_request(devices, notBefore=FAR)
    first, second = post_bulk(sluice, request, key=key), post_bulk(sluice, request, key=key)
    assert (first.json()["id"], True) == (second.json()["id"], second.json()["repeated"])
    assert post_bulk(sluice, bulk_request(devices[:1]), key=key).status_code == 422
    found = get_bulk(sluice, first.json()["id"])
    assert (found["state"], counted(found)) == ("held", {"notBegun": 2})
    assert sluice.http.get(f"/changes/{found['id']}").status_code == 404
    assert act_bulk(sluice, found["id"], "cancel").status_code == 200
    assert wait_bulk(sluice, found["id"])["state"] == "cancelled"


def test_a_dry_run_plans_the_canary_and_writes_nothing(
    sluice: Sluice, graph: TenantControl
) -> None:
    devices = add_devices(graph, 5)
    answer = post_bulk(sluice, bulk_request(devices, canary=2, dryRun=True))
    assert answer.status_code == 200
    plans = answer.json()["plans"]
    assert [(each["index"], each["plan"]["effect"]) for each in plans] == [
        (0, "write"),
        (1, "write"),
    ]
    assert not graph.effects(devices[0]["id"])


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_ten_thousand_targets_come_to_their_end(
    sluice: Sluice, graph: TenantControl, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("TARGETS", "10000"))
    devices = add_devices(graph, count)
    began = time.monotonic()
    bulk = accepted_bulk(sluice, bulk_request(devices))
    answered = time.monotonic()
    done = wait_bulk(sluice, bulk, within=7000)
    took = time.monotonic() - began
    assert (done["state"], counted(done)) == ("verified", {"verified": count})
    with capsys.disabled():
        sys.stdout.write(
            f"\n{count} targets: accepted in {answered - began:.1f} s, done in {took:.0f} s\n"
        )
