"""A rotation on the whole stack: the register, the vault, the directory, a device."""

import asyncio
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.keyvault.secrets import KeyVaultSecret, SecretClient
from operator_command import OperatorCommand
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack
from shared.records.register import TableRegister
from shared.records.tables import Tables
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState, entry_id

OLD = "0ld-Passw0rd-of-the-hub"


class Room:
    """A hub with an account of its own, in the directory, in Intune and in the register."""

    def __init__(self, stack: BlockingStack, graph: TenantControl, **row: Any) -> None:
        self.stack, self.graph = stack, graph
        self.serial = uuid.uuid4().hex[:12]
        self.hub = graph.add_managed_device(
            serialNumber=self.serial,
            model="Surface Hub 2S",
            osVersion="10.0.19045.5011",
            lastSyncDateTime="2999-01-01T00:00:00Z",
        )
        self.user_id = str(uuid.uuid4())
        self.account = f"hub-{self.serial}@contoso.example"
        user = {
            "id": self.user_id,
            "userPrincipalName": self.account,
            "accountEnabled": True,
            "lastPasswordChangeDateTime": "2026-01-01T00:00:00Z",
            "passwordProfile": {"password": OLD},
        }
        held = {self.hub["id"]: {"name": self.account, "password": OLD}}
        graph.call("POST", "/objects", {"users": [user], "deviceAccounts": held})
        graph.behave(self.hub["id"], waitsForSync=True)
        row = {"devices": [{"serialNumber": self.serial}], "family": "surfaceHub", **row}
        document = DeviceAccountDocument.model_validate_json(
            json.dumps({"account": self.account, **row})
        )
        entry = Entry(entry_id(self.account), document, EntryState.NEW, due=None)
        self.secret = entry.secret_name
        asyncio.run(self._register(entry))

    async def _register(self, entry: Entry | None = None) -> Entry:
        tables = Tables.connect(self.stack.endpoints.table_connection, None)
        try:
            register = TableRegister(tables)
            if entry:
                return await register.save(entry)
            found = await register.get(entry_id(self.account))
            assert found
            return found
        finally:
            await tables.close()

    def entry(self) -> Entry:
        return asyncio.run(self._register())

    def wait_until(self, state: EntryState) -> None:
        """The register is told once the change is on record."""
        eventually(lambda: self.entry().state is state)

    def opens(self, password: str) -> tuple[bool, bool]:
        """Whether it opens the account, and whether the device signs in with it."""
        said = (
            self.graph.call("POST", f"/accounts/{each}/verify", {"password": password})["opens"]
            for each in (self.user_id, self.hub["id"])
        )
        return next(said), next(said)

    @property
    def request(self) -> dict[str, Any]:
        return {"operation": "rotateDeviceAccount", "target": {"account": self.account}}


@dataclass
class Rotated:
    room: Room
    change: dict[str, Any]
    secret: KeyVaultSecret

    @property
    def password(self) -> str:
        return str(self.secret.value)


@pytest.fixture(scope="module")
def rotated(
    stack: BlockingStack, sluice: Sluice, graph: TenantControl, vault: SecretClient
) -> Rotated:
    room = Room(stack, graph, whenUnconfirmed="reverse")
    change = sluice.wait(sluice.accepted(room.request))
    assert change["state"] == "verified", change
    return Rotated(room, change, vault.get_secret(room.secret))


def test_a_rotation_gives_all_parties_one_new_password_and_proves_it(rotated: Rotated) -> None:
    room = rotated.room
    assert room.opens(rotated.password) == (True, True)
    assert room.opens(OLD) == (False, False)
    assert rotated.secret.properties.tags["operation"] == rotated.change["id"]
    room.wait_until(EntryState.VERIFIED)


def test_a_new_password_stands_nowhere_but_in_the_vault(
    stack_folder: Path, graph: TenantControl, rotated: Rotated
) -> None:
    logs = {file.name: file.read_text() for file in (stack_folder / "logs").iterdir()}
    assert "changes_message" in logs["host.log"]
    told = json.dumps([rotated.change, graph.journal(""), logs]) + repr(rotated.room.entry())
    assert rotated.password not in told


def test_what_somebody_else_did_to_the_account_is_found_by_the_command_and_by_the_timer(
    stack: BlockingStack, stack_folder: Path, graph: TenantControl, rotated: Rotated
) -> None:
    room, command = rotated.room, OperatorCommand(stack.endpoints.settings)
    room.wait_until(EntryState.VERIFIED)
    assert command.run("rotation", "reconcile", room.account) == (0, ["examined: 1  repaired: 0"])
    user = f"/objects/users/{room.user_id}"
    before = graph.call("GET", user)["lastPasswordChangeDateTime"]
    graph.call("PATCH", user, {"lastPasswordChangeDateTime": "2999-01-01T00:00:00Z"})
    code, lines = command.run("rotation", "reconcile", "--json")
    told = [json.loads(line) for line in lines]
    fired = httpx.post(
        f"{stack.endpoints.http}/admin/functions/reconcile_accounts",
        headers={"x-functions-key": stack.endpoints.master_key},
        trust_env=False,
    )
    logged = f"drift password-changed-elsewhere account={room.account} repaired=False"
    eventually(lambda: logged in (stack_folder / "logs" / "host.log").read_text())
    graph.call("PATCH", user, {"lastPasswordChangeDateTime": before})
    assert (code, fired.status_code) == (1, 202)
    assert [each["code"] for each in told if each["account"] == room.account] == [
        "password-changed-elsewhere"
    ]


def test_a_device_that_refuses_makes_the_account_go_back_to_the_password_it_has(
    sluice: Sluice, graph: TenantControl, vault: SecretClient, rotated: Rotated
) -> None:
    room = rotated.room
    graph.behave(room.hub["id"], outcome="notSupported")
    change = sluice.wait(sluice.accepted(room.request))
    assert change["state"] == "reversed", change
    current = vault.get_secret(room.secret).properties.version
    assert current == rotated.secret.properties.version
    assert room.opens(rotated.password) == (True, True)
    room.wait_until(EntryState.REVERSED)
