"""A dry run tells what a change would write, and leaves no trace."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from asking import patch_device, patch_managed, set_attribute
from azure.data.tables import TableServiceClient
from azure.keyvault.secrets import SecretClient
from operator_command import OperatorCommand
from planning import account, dry_run
from queues import Queues
from simulation.policy import allowing_all
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack
from shared.changes.request import read_request
from shared.clock import utc_now
from shared.faults import Transient
from shared.graph.catalogue import GraphCatalogue
from shared.intake.accept import Intake
from shared.planning.dry_run import DryRun
from shared.policy.subject import Asker

NOBODY = {"id": "00000000-0000-4000-8000-000000000000"}


def records_of(stack: BlockingStack, text: str) -> list[str]:
    """The entities in any table in which the text stands."""
    connection = stack.endpoints.table_connection
    with TableServiceClient.from_connection_string(connection) as service:
        return [
            table.name
            for table in service.list_tables()
            for entity in service.get_table_client(table.name).list_entities()
            if text in str(dict(entity))
        ]


def test_a_dry_run_tells_the_route_and_what_would_be_written_on_what(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    attributes = {"extensionAttribute1": "CC-1042", "extensionAttribute2": None}
    request = patch_device(device, displayName="HUB-NEW", extensionAttributes=attributes)
    request["set"]["accountEnabled"] = True  # it is
    assert dry_run(sluice, request)["plan"] == {
        "route": {"asked": "patch-device", "used": "patch-device", "version": "v1.0"},
        "permission": "Device.ReadWrite.All",
        "target": {"id": device["id"]},
        "basis": "Windows",
        "changes": [
            {"property": "/displayName", "before": "HUB", "after": "HUB-NEW"},
            {
                "property": "/extensionAttributes/extensionAttribute1",
                "before": None,
                "after": "CC-1042",
            },
        ],
        "secret": None,
        "effect": "write",
        "code": None,
        "detail": None,
    }


def test_a_dry_run_writes_nothing_and_leaves_no_record_no_message_and_no_key(
    stack: BlockingStack, sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device, key = graph.add_device(), f"CHG-{uuid.uuid4()}"
    request = set_attribute(device, "x")
    dry_run(sluice, request, **{"Idempotency-Key": key})
    assert [entry["method"] for entry in graph.journal(device["id"])] == ["GET"]
    assert records_of(stack, device["id"]) == []
    assert queues.outcomes(key) == []
    answer = sluice.post(request, key=key)
    assert (answer.status_code, answer.json()["repeated"]) == (202, False)
    sluice.wait(answer.json()["id"], "verified")
    assert set(records_of(stack, device["id"])) >= {"operations"}


def test_a_change_that_is_so_already_would_be_unchanged(
    sluice: Sluice, graph: TenantControl
) -> None:
    plan = dry_run(sluice, patch_managed(graph.add_managed_device(), notes=None))["plan"]
    assert (plan["effect"], plan["changes"], plan["basis"]) == ("unchanged", [], None)


def test_a_dry_run_tells_the_route_that_is_used_instead(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_managed_device()
    request = patch_managed(device, notes="x") | {
        "target": {"rootManagedDeviceId": device["id"]},
        "rewriteToOfficialRoute": True,
    }
    plan = dry_run(sluice, request)["plan"]
    assert plan["route"] == {
        "asked": "patch-root-device",
        "used": "patch-managed-device",
        "version": "beta",
    }
    assert plan["target"] == {"managedDeviceId": device["id"]}


@pytest.mark.parametrize("case", ["of another system", "missing", "forbidden"])
def test_a_dry_run_tells_what_the_change_would_fail_with(
    sluice: Sluice, graph: TenantControl, case: str
) -> None:
    system = "iOS" if case == "of another system" else "Windows"
    device = NOBODY if case == "missing" else graph.add_device(operatingSystem=system)
    if case == "forbidden":
        graph.fault(device["id"], method="GET", status=403, times=2)
    request = patch_device(device, displayName="HUB-NEW")
    plan = dry_run(sluice, request)["plan"]
    change = sluice.wait(sluice.accepted(request))
    assert (plan["effect"], plan["changes"]) == ("refused", [])
    assert change["state"] == "failed"
    failure = change["failure"]
    assert (plan["code"], plan["detail"]) == (failure["code"], failure["detail"])


def test_what_would_not_be_accepted_is_answered_in_the_same_way(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    for more in (
        {"set": {"complianceState": "x"}},
        {"notAfter": "2020-01-01T00:00:00Z"},
        {"version": "v1.0", "operation": "patchManagedDevice", "target": {"comanagedDeviceId": ""}},
    ):
        request = set_attribute(device, "x") | more
        refused, dry = (sluice.post(request | {"dryRun": wanted}) for wanted in (False, True))
        assert refused.status_code == dry.status_code == 422
        assert refused.json() == dry.json()
    assert graph.journal(device["id"]) == []


@pytest.mark.parametrize(("asked", "told"), [({"Retry-After": "7"}, "7"), ({}, "10")])
def test_a_graph_that_cannot_answer_now_is_told_with_when_to_ask_again(
    sluice: Sluice, graph: TenantControl, asked: dict[str, str], told: str
) -> None:
    device = graph.add_device()
    graph.fault(device["id"], method="GET", status=503, headers=asked)
    answer = sluice.post(set_attribute(device, "x") | {"dryRun": True})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == told
    assert answer.json()["type"] == "urn:sluice:problem:unavailable"
    assert dry_run(sluice, set_attribute(device, "x"))["plan"]["effect"] == "write"


class SilentGraph:
    async def call(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()


async def test_a_graph_that_does_not_answer_is_not_waited_for_longer_than_the_deadline() -> None:
    nothing: Any = None
    catalogue = GraphCatalogue(SilentGraph(), nothing)  # type: ignore[arg-type]
    intake = Intake(nothing, nothing, nothing, utc_now, allowing_all(), lanes=1)
    use = DryRun(intake, catalogue, deadline=0.05)
    request = read_request(json.dumps(set_attribute(NOBODY, "x")).encode())
    with pytest.raises(Transient) as caught:
        await use.plan(request, Asker("http"))
    assert caught.value.code == "deadline"


def test_the_plan_of_an_account_shows_the_parameter_and_whether_its_secret_can_be_read(
    sluice: Sluice, graph: TenantControl, secret: str
) -> None:
    device = graph.add_managed_device()
    answer = sluice.post(account(device, secret) | {"dryRun": True})
    assert "Hunter2" not in answer.text
    plan = answer.json()["plan"]
    assert plan["permission"] == "DeviceManagementManagedDevices.PrivilegedOperations.All"
    assert plan["changes"] == [
        {"property": f"/{name}", "before": None, "after": value}
        for name, value in (
            ("deviceAccount/userPrincipalName", "hub@contoso.example"),
            ("deviceAccount/passwordSecret/name", secret),
            ("calendarSyncEnabled", True),
        )
    ]
    assert plan["secret"] == {"name": secret, "version": None, "readable": True}
    assert plan["effect"] == "write"
    assert graph.journal(device["id"], "POST") == []


@pytest.mark.parametrize("case", ["missing", "disabled"])
def test_a_secret_that_cannot_be_read_is_told_before_the_change_fails(
    sluice: Sluice, graph: TenantControl, vault: SecretClient, case: str
) -> None:
    name = f"hub-{uuid.uuid4()}"
    if case == "disabled":
        vault.set_secret(name, "x", enabled=False)
    plan = dry_run(sluice, account(graph.add_managed_device(), name))["plan"]
    code = {"missing": "secret-not-found", "disabled": "secret-refused"}[case]
    assert (plan["effect"], plan["code"]) == ("refused", code)
    assert plan["secret"] == {"name": name, "version": None, "readable": False}
    assert plan["changes"]


# ── other ways in ──


def test_a_dry_run_on_the_queue_is_refused(
    sluice: Sluice, graph: TenantControl, queues: Queues
) -> None:
    device = graph.add_device()
    message = queues.send_intake(set_attribute(device, "x") | {"dryRun": True})
    assert queues.dead_letter("intake", message)
    outcome = queues.outcome(message)
    [problem] = outcome["problems"]
    assert (problem["code"], problem["pointer"]) == ("dry-run-over-http", "/dryRun")
    assert graph.journal(device["id"]) == []


@pytest.fixture
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


def test_the_operator_sees_the_plan_of_a_request_file(
    sluice: Sluice, graph: TenantControl, operator: OperatorCommand, tmp_path: Path
) -> None:
    device, file = graph.add_device(), tmp_path / "request.json"
    request = set_attribute(device, "CC-1042")
    file.write_text(json.dumps(request))
    planned = dry_run(sluice, request)
    assert operator.fault("plan", str(file)) == (0, "")
    code, lines = operator.run("plan", str(file), "--json")
    assert (code, json.loads(*lines)) == (0, planned)
    assert operator.run("plan", str(file)) == (
        0,
        [
            "effect      write",
            "route       PATCH /devices/{id} (patch-device, v1.0)",
            "permission  Device.ReadWrite.All",
            f"target      id {device['id']}",
            "basis       Windows",
            f"hash        {planned['hash']}",
            "",
            "property                                  before  after",
            '/extensionAttributes/extensionAttribute1  null    "CC-1042"',
        ],
    )
    assert graph.journal(device["id"], "PATCH") == []


def test_the_operator_is_told_why_a_request_has_no_plan_or_would_fail(
    operator: OperatorCommand, tmp_path: Path
) -> None:
    file = tmp_path / "request.json"
    code, error = operator.fault("plan", str(file))
    assert code == 2
    assert error.endswith("No such file or directory\n")
    file.write_text("{}")
    refused = "missing-member at /operation: The member is required.\n"
    assert operator.fault("plan", str(file)) == (1, refused)
    file.write_text(json.dumps(set_attribute(NOBODY, "x")))
    code, lines = operator.run("plan", str(file))
    assert (code, lines[0]) == (1, "effect      refused")
    assert lines[1].startswith("because     graph-404")
