"""What Sluice tells of its work, in its log and in its telemetry."""

import re
import secrets
from collections import Counter
from pathlib import Path

import httpx
from asking import set_attribute
from azure.keyvault.secrets import SecretClient
from ingestion import Ingestion
from queues import Queues
from rooms import Room
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack

ENDED = re.compile(r"\[(\w+ [0-9a-f-]{36})\] Executed \(")
LINE = re.compile(r"\[(\w+) ([0-9a-f-]{36})\] ((request|message|timer) function=(\w+) trace=.+)")


def lines(folder: Path) -> list[re.Match[str]]:
    return list(LINE.finditer((folder / "logs" / "host.log").read_text()))


def of_change(folder: Path, change: str) -> list[dict[str, str]]:
    """The fields of the lines of a change, in their order."""
    found = (dict(re.findall(r"(\w+)=(\S+)", match[3])) for match in lines(folder))
    return [fields for fields in found if fields.get("change") == change]


def test_a_change_is_one_trace_from_the_request_to_its_outcome(
    sluice: Sluice,
    graph: TenantControl,
    queues: Queues,
    telemetry: Ingestion,
    stack_folder: Path,
) -> None:
    trace, device = secrets.token_hex(16), graph.add_device()
    graph.fault(device["id"], method="PATCH", status=503, headers={"Retry-After": "0.2"})
    caller = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    change = str(sluice.post(set_attribute(device, "told"), headers=caller).json()["id"])
    assert sluice.wait(change)["state"] == "verified"
    queues.outcome(change)
    [outcome] = [each for each in queues.peek("outcomes") if each.correlation_id == change]
    wanted = {"post_change", "accept", "send changes", "changes_message", "send outcomes"}
    wanted |= {"graph GET /devices/{id}", "graph PATCH /devices/{id}"}
    eventually(lambda: wanted <= telemetry.spans(trace).keys())
    spans = telemetry.spans(trace)
    accept = spans["accept"]["data"]["baseData"]["id"]
    assert dict(outcome.application_properties)[b"traceparent"] == (
        f"00-{trace}-{accept}-01".encode()
    )
    asked = spans["post_change"]["data"]["baseData"]
    assert asked["properties"]["sluice.change"] == change
    assert spans["accept"]["tags"]["ai.operation.parentId"] == asked["id"]
    told = eventually(lambda: len(found := of_change(stack_folder, change)) > 2 and found)
    assert {fields["trace"] for fields in told} == {trace}
    assert [fields["outcome"] for fields in told if fields.get("queue") == "changes"] == [
        "retryafter",
        "done",
    ]
    states = [(fields["was"], fields["state"]) for fields in told if "was" in fields]
    assert states == [("accepted", "applying"), ("applying", "verified")]


def test_every_invocation_ends_in_one_line(
    sluice: Sluice, graph: TenantControl, queues: Queues, stack_folder: Path
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="PATCH", status=400, body={"error": {"code": "Bad"}})
    change = sluice.accepted(set_attribute(device, "refused"))
    queues.dead_change(change)
    queues.dead_letter("intake", queues.send_intake(b"not json"))
    assert sluice.http.get("/changes/nothing").status_code == 404
    assert sluice.http.get("/health/details").status_code == 200
    ended = set(ENDED.findall((stack_folder / "logs" / "host.log").read_text()))
    told = Counter(f"{match[1]} {match[2]}" for match in lines(stack_folder))
    assert set(told.values()) == {1}
    assert ended <= told.keys()
    refused = of_change(stack_folder, change)
    assert refused[-1]["code"] == "graph-400-Bad"
    assert {fields["outcome"] for fields in refused if "outcome" in fields} == {"reject"}
    assert all(match[1] == match[5] for match in lines(stack_folder))


def test_what_is_measured_arrives(
    sluice: Sluice, graph: TenantControl, telemetry: Ingestion
) -> None:
    sluice.wait(sluice.accepted(set_attribute(graph.add_device(), "measured")))
    wanted = {
        *("sluice.changes.moved", "sluice.changes.ended", "sluice.changes.attempts"),
        *("sluice.changes.duration", "sluice.graph.requests", "sluice.queue.wait"),
        *("sluice.lane.wait", "sluice.quota.used", "sluice.quota.budget"),
    }
    eventually(lambda: wanted <= telemetry.metrics())


def test_a_device_between_two_passwords_is_counted_until_it_confirms(
    stack: BlockingStack,
    sluice: Sluice,
    graph: TenantControl,
    vault: SecretClient,
    telemetry: Ingestion,
) -> None:
    room = Room.furnished(graph, vault, sluice)
    graph.behave(room.hub["id"], outcome="pending")
    sluice.wait(room.rotate(), "applied")
    rotate_due = f"{stack.endpoints.http}/admin/functions/rotate_due"
    key = {"x-functions-key": stack.endpoints.master_key}
    assert httpx.post(rotate_due, headers=key, trust_env=False).status_code == 202
    assert eventually(lambda: max(telemetry.values("sluice.devices.between"), default=0) >= 1)
    levels = {"sluice.rotations.overdue", "sluice.permissions.missing", "sluice.brake.engaged"}
    eventually(lambda: levels <= telemetry.metrics())
