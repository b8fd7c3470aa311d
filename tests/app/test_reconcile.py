"""The command and the timer that look for accounts that have drifted, on the local stack."""

import json
from pathlib import Path

import httpx
from azure.keyvault.secrets import SecretClient
from operator_command import OperatorCommand
from rooms import Room
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack


def test_what_somebody_else_did_to_an_account_is_found_by_the_command_and_by_the_timer(
    stack: BlockingStack,
    stack_folder: Path,
    graph: TenantControl,
    vault: SecretClient,
    sluice: Sluice,
) -> None:
    room = Room.furnished(graph, vault, sluice)
    sluice.wait(room.rotate(), "verified")
    command = OperatorCommand(stack.endpoints.settings)
    eventually(lambda: room.rotation["state"] == "verified")
    assert command.run("rotation", "reconcile", room.account) == (0, ["examined: 1  repaired: 0"])

    later = {"lastPasswordChangeDateTime": "2999-01-01T00:00:00Z"}
    graph.call("PATCH", f"/objects/users/{room.user}", later)
    code, lines = command.run("rotation", "reconcile", "--json")
    told = [json.loads(line) for line in lines]
    fired = httpx.post(
        f"{stack.endpoints.http}/admin/functions/reconcile_accounts",
        headers={"x-functions-key": stack.endpoints.master_key},
        trust_env=False,
    )
    assert (code, fired.status_code) == (1, 202)
    assert [each["code"] for each in told if each["account"] == room.account] == [
        "password-changed-elsewhere"
    ]
    _, behind = command.run("rotation", "reconcile", "--after", room.account, "--json")
    assert [line for line in behind if room.account in line] == []
    logged = f"drift password-changed-elsewhere account={room.account} repaired=False"
    eventually(lambda: logged in (stack_folder / "logs" / "host.log").read_text())


def test_an_account_that_is_not_registered_is_said_to_be_none(stack: BlockingStack) -> None:
    command = OperatorCommand(stack.endpoints.settings)
    code, (line, _) = command.run("rotation", "reconcile", "nobody@contoso.example")
    assert (code, "account-not-registered" in line) == (1, True)
