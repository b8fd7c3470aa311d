"""Every error of Graph's, from the wire to the record: where a change ends, and how often it wrote.

The use cases, the client library and the stand-in are the real ones, on a virtual clock.
"""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from answers_of_graph import ACTIONS, PATCHES, Row, found
from simulation.socket_graph import History, SocketGraph, socket_graph

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tenant() -> AsyncIterator[SocketGraph]:
    async with socket_graph() as tenant:
        yield tenant


def check(history: History, row: Row) -> None:
    operation = history.operation
    failure = operation.failure
    told = [f"{step.state} {step.detail}" for step in operation.timeline]
    assert (operation.state, failure and failure.code) == (row.state, row.code), told
    assert (history.writes, history.effects) == (row.writes, row.effects), told
    assert history.dead is (row.state == "failed")
    if row.wait is not None:
        assert history.first_wait.total_seconds() == pytest.approx(row.wait, abs=0.1), told


async def rename(tenant: SocketGraph) -> dict[str, Any]:
    """A change of a new device."""
    device = await tenant.add("devices", deviceId=str(uuid.uuid4()), operatingSystem="Windows")
    target, properties = {"id": device}, {"displayName": "HUB-NEW"}
    return {"operation": "patchDevice", "target": target, "set": properties}


@pytest.mark.parametrize("name", PATCHES)
async def test_a_patch_ends_as_the_answer_is_classified(tenant: SocketGraph, name: str) -> None:
    check(await tenant.play(await rename(tenant), PATCHES[name].faults), PATCHES[name])


async def test_a_write_that_is_not_answered_in_time_is_found(
    tenant: SocketGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant.client._http, "timeout", httpx.Timeout(0.3))
    silence = found(delaySeconds=1)
    check(await tenant.play(await rename(tenant), silence.faults), silence)


@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_ends_as_the_answer_is_classified(tenant: SocketGraph, name: str) -> None:
    device = await tenant.add(
        "managedDevices", azureADDeviceId=str(uuid.uuid4()), operatingSystem="Windows"
    )
    account = {"userPrincipalName": "hub@contoso.com", "passwordSecret": {"name": "hub"}}
    request = {
        "operation": "updateDeviceAccount",
        "target": {"managedDeviceId": device},
        "set": {"deviceAccount": account},
    }
    check(await tenant.play(request, ACTIONS[name].faults), ACTIONS[name])
