"""Outcomes into tickets over the real way: queue, host, Key Vault, a tool on its socket."""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from app_identity import AppIdentity
from asking import set_attribute
from azure.keyvault.secrets import SecretClient
from impatience import IMPATIENT
from operator_command import OperatorCommand
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

TAKES = {
    name: value
    for name, value in IMPATIENT.items()
    if name not in ("AzureWebJobs.write_back.Disabled", "FRESHSERVICE_URL")
} | {"WRITE_BACK_ATTEMPTS": "2"}


@pytest.fixture(scope="module")
def stack() -> Iterator[BlockingStack]:
    """A stack whose app takes `outcomes`, with the tools that it writes back to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=TAKES, itsm=True) as running:
            yield running


@pytest.fixture
def tools(stack: BlockingStack) -> Iterator[httpx.Client]:
    """The control API of the tools; Sluice knows what it needs to write back."""
    password = stack.endpoints.itsm_password
    assert password
    with (
        SecretClient(
            stack.endpoints.vault,
            AppIdentity(stack.endpoints),
            verify_challenge_resource=False,
            connection_verify=str(stack.endpoints.vault_ca),
        ) as vault,
        httpx.Client(base_url=f"{stack.endpoints.itsm}/_control", trust_env=False) as client,
    ):
        vault.set_secret("servicenow-password", password)
        yield client


def test_a_dead_tool_leaves_the_change_as_it_is_and_is_told_when_its_message_is_redriven(
    stack: BlockingStack, tools: httpx.Client
) -> None:
    with (
        Sluice(stack.endpoints) as sluice,
        TenantControl(stack.endpoints) as graph,
        Queues(stack.endpoints) as queues,
    ):
        operator, item = OperatorCommand(stack.endpoints.settings), uuid.uuid4().hex
        tools.put(f"/tickets/servicenow/{item}", json={"number": "RITM1"}).raise_for_status()
        tools.post("/faults", json={"drop": "before", "times": None}).raise_for_status()
        device = graph.add_device()
        ticket = {"source": "servicenow", "id": item}
        change = sluice.accepted(set_attribute(device, "CC-1") | {"ticket": ticket})
        assert sluice.wait(change)["state"] == "verified"

        eventually(lambda: queues.peek("outcomes", dead=True), within=30)
        [letter] = operator.dead_letters()
        assert str(letter["id"]).startswith(change)
        assert letter["code"] == "tool-unavailable"
        assert sluice.get(change)["state"] == "verified"
        assert len(graph.journal(device["id"], "PATCH")) == 1

        tools.delete("/faults").raise_for_status()
        told = operator.run("dead-letters", "redrive", str(letter["id"]), "--queue", "outcomes")
        assert told == (0, [f"{letter['id']}  redriven"])
        [note] = eventually(lambda: tools.get(f"/tickets/servicenow/{item}").json()["notes"])
        assert f"[sluice:{change}." in note["body"]
        assert queues.peek("outcomes") == []
