"""What the identity lacks is said before a change fails, and what is not enabled is refused."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from impatience import IMPATIENT
from operator_command import OperatorCommand
from simulation.policy import allowing_all
from sluice_client import Sluice
from smoking import smoke
from tenant_control import TenantControl

from local.up.blocking import BlockingStack, blocking_stack
from shared.changes.problems import RequestRefused
from shared.intake.accept import Intake
from shared.messaging.messages import Message
from shared.policy.offer import Offer
from shared.records.lines import TableLines
from shared.records.operations import TableOperations
from shared.records.tables import Tables

GRAPH = "https://graph.microsoft.com"
ACT = "DeviceManagementManagedDevices.PrivilegedOperations.All"
SEE = "DeviceManagementManagedDevices.Read.All"
DEVICE, DIRECTORY = "Device.ReadWrite.All", "Directory.ReadWrite.All"


def grant(stack: BlockingStack, *roles: str) -> None:
    url = stack.endpoints.identity.replace("/msi/token", "/_control/roles")
    httpx.put(url, json={GRAPH: roles}, trust_env=False).raise_for_status()


@pytest.fixture(scope="module")
def own_stack() -> Iterator[BlockingStack]:
    """A stack with two operations enabled, whose identity may do too little and too much."""
    settings = IMPATIENT | {"OPERATIONS": "patchDevice, updateDeviceAccount"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=settings) as running:
            grant(running, DIRECTORY, "Mail.Send")
            running.stop("host")  # it may have a token that holds more
            running.start("host")
            yield running


@pytest.fixture
def own_sluice(own_stack: BlockingStack) -> Iterator[Sluice]:
    with Sluice(own_stack.endpoints) as sluice:
        yield sluice


def health(sluice: Sluice) -> tuple[int, dict[str, Any], dict[str, Any]]:
    answer = sluice.http.get("/health/details")
    [check] = [one for one in answer.json()["checks"] if one["name"] == "permissions"]
    return answer.status_code, check, answer.json()["permissions"]


def test_the_smoke_test_tells_missing_permissions_from_a_broken_deployment(
    own_stack: BlockingStack,
) -> None:
    key = own_stack.endpoints.function_key
    code, said = smoke(own_stack.endpoints.http, SLUICE_KEY=key, SLUICE_PATIENCE="60")
    assert code == 3, said
    assert f"waits for an administrator: permissions: the identity lacks {ACT}, {SEE}" in said
    assert "401" in said


def test_permissions_are_examined_by_health_and_by_the_command_until_they_are_granted(
    own_stack: BlockingStack, own_sluice: Sluice
) -> None:
    command = OperatorCommand(own_stack.endpoints.settings)

    status, check, permissions = health(own_sluice)
    assert (status, check["ok"]) == (503, False)
    assert check["detail"] == f"the identity lacks {ACT}, {SEE}"
    assert permissions == {
        "granted": [DIRECTORY, "Mail.Send"],
        "missing": [ACT, SEE],
        "superfluous": ["Mail.Send"],
        "broader": {DIRECTORY: [DEVICE]},
    }
    code, lines = command.run("permissions")
    assert code == 1
    assert lines == [
        f"missing      {ACT}",
        f"missing      {SEE}",
        "superfluous  Mail.Send",
        f"broader      {DIRECTORY}: {DEVICE} would do",
    ]

    grant(own_stack, DEVICE, ACT, SEE)
    status, check, permissions = health(own_sluice)
    assert (status, check) == (200, {"name": "permissions", "ok": True, "detail": ""})
    assert (permissions["missing"], permissions["superfluous"]) == ([], [])
    assert command.run("permissions")[0] == 0


def test_an_operation_that_is_not_enabled_is_refused_and_the_others_are_not(
    own_stack: BlockingStack, own_sluice: Sluice
) -> None:
    with TenantControl(own_stack.endpoints) as graph:
        device, managed = graph.add_device(), graph.add_managed_device()
    refused = own_sluice.post(
        {
            "operation": "patchManagedDevice",
            "target": {"managedDeviceId": managed["id"]},
            "set": {"notes": "x"},
        }
    )
    assert refused.status_code == 422
    [problem] = refused.json()["errors"]
    assert (problem["code"], problem["pointer"]) == ("operation-not-enabled", "/operation")
    assert "patchDevice" in problem["detail"]
    request = {
        "operation": "patchDevice",
        "target": {"id": device["id"]},
        "set": {"displayName": "HUB-NEW"},
    }
    assert own_sluice.post(request).status_code == 202


class NoSender:
    """What is repeated here has been sent before."""

    async def send(self, message: Message) -> None: ...


async def test_what_was_accepted_while_its_operation_was_enabled_is_found_by_a_repeat(
    own_stack: BlockingStack, own_sluice: Sluice
) -> None:
    with TenantControl(own_stack.endpoints) as graph:
        target = {"id": graph.add_device()["id"]}
    request = {"operation": "patchDevice", "target": target, "set": {"displayName": "HUB-NEW"}}
    key = str(uuid.uuid4())
    change = own_sluice.accepted(request, key=key)

    tables = Tables.connect(own_stack.endpoints.table_connection, None)
    intake = Intake(
        TableOperations(tables),
        TableLines(tables),
        NoSender(),
        lambda: datetime.now(UTC),
        allowing_all(),
        lanes=16,
        offer=Offer(operations=frozenset({"updateDeviceAccount"})),
    )
    try:
        body = json.dumps(request).encode()
        repeated = await intake.accept(body, source="http", key=key)
        assert (repeated.operation.id, repeated.repeated) == (change, True)
        with pytest.raises(RequestRefused, match="operation-not-enabled"):
            await intake.accept(body, source="http", key=str(uuid.uuid4()))
    finally:
        await tables.close()


def test_the_command_names_the_settings_that_it_lacks(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text('{"Values": {}}')
    code, error = OperatorCommand(settings).fault("permissions")
    assert code == 2
    assert error.startswith("settings: ")
