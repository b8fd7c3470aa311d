"""The timer and the operator's command on the whole system: what is due is asked for, once."""

import csv
import io
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from operator_command import OperatorCommand
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack
from shared.intake.accept import operation_id
from shared.records.register import TableRegister
from shared.records.tables import Tables
from shared.register.document import DeviceAccountDocument
from shared.register.edit import with_document
from shared.register.tick import SOURCE, rotation_key

OLD = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)


def fire_timer(stack: BlockingStack) -> None:
    answer = httpx.post(
        f"{stack.endpoints.http}/admin/functions/rotate_due",
        headers={"x-functions-key": stack.endpoints.master_key},
        json={"input": ""},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 202


async def add_due(stack: BlockingStack, at: datetime) -> str:
    """An account that is due since then; its id."""
    account = f"room-{uuid.uuid4()}@contoso.com"
    document = DeviceAccountDocument(account=account, family="directoryOnly")
    tables = Tables.connect(stack.endpoints.table_connection, None)
    try:
        entry = with_document(None, document, at)
        await TableRegister(tables).save(replace(entry, due=at, scheduled=at), was=None)
    finally:
        await tables.close()
    return account


async def test_what_is_due_is_asked_for_once_however_often_the_timer_runs(
    stack: BlockingStack, sluice: Sluice
) -> None:
    account = await add_due(stack, OLD)
    assert sluice.http.get("/health/details").json()["overdue"] >= 1
    change = operation_id(SOURCE, rotation_key(account, OLD))
    fire_timer(stack)
    fire_timer(stack)
    found = eventually(
        lambda: (
            sluice.http.get(f"/changes/{change}").json()
            if sluice.http.get(f"/changes/{change}").status_code == 200
            else None
        ),
        within=20,
    )
    assert found["source"] == "timer"
    assert found["key"] == f"rotation:{account}:{OLD:%Y-%m-%dT%H:%M:%SZ}"
    assert found["target"] == {"account": account}

    def noted() -> str | None:
        operation = sluice.http.get(f"/device-accounts/{account}").json()["rotation"]["operation"]
        return str(operation) if operation else None

    assert eventually(noted, within=20) == change


@pytest.fixture(scope="module")
def operator(stack: BlockingStack) -> OperatorCommand:
    return OperatorCommand(stack.endpoints.settings)


def test_the_register_is_kept_from_the_command_line(
    operator: OperatorCommand, sluice: Sluice, tmp_path: Path
) -> None:
    account = f"Contoso\\hub-{uuid.uuid4().hex[:12]}"
    file = tmp_path / "hub.json"
    file.write_text(json.dumps({"account": account, "family": "directoryOnly", "paused": True}))
    code, lines = operator.run("device-accounts", "put", str(file))
    assert (code, lines) == (0, [f"{account.lower().replace('\\', '!')}  new       due on request"])
    code, lines = operator.run("device-accounts", "show", account)
    assert json.loads("\n".join(lines))["account"] == account
    table = tmp_path / "hubs.csv"
    table.write_text(f"account,family\n{account},directoryOnly\nx,directoryOnly\n")
    code, error = operator.fault("device-accounts", "import", str(table))
    assert (code, error.split(":")[0]) == (1, "invalid-value at /3/account")
    table.write_text(f"account,family\n{account},directoryOnly\n")
    code, lines = operator.run("device-accounts", "import", str(table))
    assert (code, lines) == (0, ["0 created, 1 updated, 0 unchanged"])
    code, lines = operator.run("device-accounts", "export")
    assert [line.split(",")[0] for line in lines if account in line] == [account]
    assert operator.run("device-accounts", "delete", account)[0] == 0
    assert operator.fault("device-accounts", "delete", account)[0] == 1


def test_rows_are_proposed_from_what_intune_knows_and_can_be_imported(
    operator: OperatorCommand, sluice: Sluice, graph: TenantControl
) -> None:
    room = f"room-{uuid.uuid4()}@contoso.com"
    hubs = [
        graph.add_managed_device(model="Surface Hub 2S", userPrincipalName=room) for _ in range(2)
    ]
    bar = f"bar-{uuid.uuid4()}@contoso.com"
    soundbar = graph.add_managed_device(model="Bar", deviceName="MTR-1", userPrincipalName=bar)
    other = graph.add_managed_device(model="Laptop", userPrincipalName="a@contoso.com")
    nobody = graph.add_managed_device(model="Surface Hub 3", deviceName="HUB-OF-NOBODY")
    group = str(uuid.uuid4())
    member = graph.add_device(deviceId=soundbar["azureADDeviceId"])["id"]
    graph.call("POST", "/objects", {"groups": {group: [member]}})
    command = ("device-accounts", "discover", "--rooms", "mtr-*")
    code, lines = operator.run(*command, "--group", group)
    assert code == 0
    rows = {row["account"]: row for row in csv.DictReader(io.StringIO("\n".join(lines)))}
    assert rows.keys() == {bar}
    code, lines = operator.run(*command)
    assert code == 0
    rows = {row["account"]: row for row in csv.DictReader(io.StringIO("\n".join(lines)))}
    assert set(rows[room]["managedDeviceIds"].split("|")) == {hub["id"] for hub in hubs}
    assert rows[room]["family"] == "surfaceHub"
    assert rows[bar]["family"] == "teamsRoomsOnWindows"
    assert other["id"] not in "".join(lines)
    assert nobody["id"] not in "".join(lines)
    assert sluice.http.get(f"/device-accounts/{room}").status_code == 404, "nothing is written"
    answer = sluice.http.post(
        "/device-accounts/import?dryRun=true",
        content="\n".join(lines),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
