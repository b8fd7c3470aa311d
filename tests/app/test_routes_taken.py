"""Which route a change takes to Graph, and what becomes of those that Graph does not serve."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from azure.keyvault.secrets import SecretClient
from deep_targets import SECRET, Devices, account, add_user, patch
from simulation.policy import allowing_all
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack
from shared.changes.operation import RouteTaken
from shared.clock import utc_now
from shared.intake.accept import Intake
from shared.messaging.servicebus import ServiceBusQueues, connect
from shared.records.lines import TableLines
from shared.records.operations import TableOperations
from shared.records.tables import Tables


@pytest.fixture
def all_served(graph: TenantControl) -> Iterator[None]:
    """Graph serves the routes that its description does not have."""
    graph.call("PUT", "/routes", {"serveUnofficial": True})
    yield
    graph.call("PUT", "/routes", {"serveUnofficial": False})


@pytest.fixture(scope="module", autouse=True)
def room_account(graph: TenantControl, vault: SecretClient) -> None:
    add_user(graph, userPrincipalName="hub-routes@contoso.example")
    vault.set_secret(SECRET, "R00m-Passw0rd")


@pytest.fixture
def devices(graph: TenantControl) -> Devices:
    return Devices(graph)


PATCHES = ("root", "script run", "script run, app")
ACTIONS = (
    "health run",
    "compliance run",
    "script run",
    "script run, user",
    "script run, app",
    "app",
    "app, user",
)
UNOFFICIAL = [*((patch, name) for name in PATCHES), *((account, name) for name in ACTIONS)]
RUNS = ("health run", "compliance run", "script run")
OFFICIAL = [(ask, name) for ask in (patch, account) for name in ("plain", "comanaged", "user")]


def named(value: object) -> str:
    return value if isinstance(value, str) else getattr(value, "__name__", "")


@pytest.mark.parametrize(("ask", "name"), UNOFFICIAL, ids=named)
def test_a_route_outside_microsoft_s_description_is_refused_with_the_one_to_take(
    sluice: Sluice, devices: Devices, ask: Any, name: str
) -> None:
    answer = sluice.post(ask(devices.target(name)))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["code"], error["pointer"]) == ("unofficial-route", "/target")
    assert "/deviceManagement/managedDevices/{managedDeviceId}" in error["detail"]
    assert "allowUnofficialRoute" in error["detail"]
    assert ("rewriteToOfficialRoute" in error["detail"]) == (name not in RUNS)


@pytest.mark.parametrize("ask", [patch, account])
def test_an_allowed_route_that_graph_does_not_serve_fails_at_once(
    sluice: Sluice, graph: TenantControl, devices: Devices, ask: Any
) -> None:
    change = sluice.wait(
        sluice.accepted(ask(devices.target("script run"), allowUnofficialRoute=True))
    )
    assert (change["state"], change["failure"]["code"]) == ("failed", "route-not-served")
    writes = [call for call in change["calls"] if not call["route"].startswith("GET")]
    assert [call["status"] for call in writes] == [400]
    assert change["route"]["asked"] == change["route"]["used"]
    assert change["attempts"] == 0


@pytest.mark.parametrize(("ask", "name"), UNOFFICIAL, ids=named)
@pytest.mark.usefixtures("all_served")
def test_an_allowed_route_that_graph_serves_reaches_its_device(
    sluice: Sluice, graph: TenantControl, devices: Devices, ask: Any, name: str
) -> None:
    change = sluice.wait(sluice.accepted(ask(devices.target(name), allowUnofficialRoute=True)))
    assert change["state"] == "verified"
    assert change["route"]["asked"] == change["route"]["used"]
    assert change["route"]["version"] == ("v1.0" if name.startswith("app") else "beta")
    check_effect(graph, devices, ask)


@pytest.mark.parametrize(
    ("ask", "name"), [(a, n) for a, n in UNOFFICIAL if n not in RUNS], ids=named
)
def test_a_target_that_tells_its_device_can_be_sent_to_the_official_route(
    sluice: Sluice, graph: TenantControl, devices: Devices, ask: Any, name: str
) -> None:
    change = sluice.wait(sluice.accepted(ask(devices.target(name), rewriteToOfficialRoute=True)))
    assert change["state"] == "verified"
    official = "update-account" if ask is account else "patch-managed-device"
    assert change["route"]["used"] == official
    assert change["route"]["asked"] != official
    path = f"/deviceManagement/managedDevices/{devices.device['id']}"
    written = graph.effects(path)
    assert len(written) == 1
    assert written[0]["path"].partition("/deviceManagement")[0] == f"/{change['route']['version']}"
    check_effect(graph, devices, ask)


def test_a_run_does_not_tell_its_device_so_it_cannot_be_rewritten(
    sluice: Sluice, devices: Devices
) -> None:
    answer = sluice.post(patch(devices.script_run, rewriteToOfficialRoute=True))
    assert answer.json()["errors"][0]["code"] == "unofficial-route"


@pytest.mark.parametrize(("ask", "name"), OFFICIAL, ids=named)
def test_an_official_route_needs_no_leave(
    sluice: Sluice, graph: TenantControl, devices: Devices, ask: Any, name: str
) -> None:
    change = sluice.wait(sluice.accepted(ask(devices.target(name))))
    assert change["state"] == "verified"
    assert change["route"]["asked"] == change["route"]["used"]
    assert change["route"]["version"] == ("beta" if name == "comanaged" else "v1.0")
    check_effect(graph, devices, ask)


def check_effect(graph: TenantControl, devices: Devices, ask: Any) -> None:
    """The device was changed, and the other one, which stands on the way to it, was not."""
    stored = graph.stored("managedDevices", devices.device["id"])
    other = graph.stored("managedDevices", devices.other["id"])
    if ask is patch:
        assert (stored["managedDeviceName"], other["managedDeviceName"]) == ("X", "HUB_managed")
    else:
        assert len(stored["deviceActionResults"]) == 1
        assert other["deviceActionResults"] == []


async def test_the_setting_lets_every_request_take_any_route_and_what_it_let_in_stays_in(
    sluice: Sluice, stack: BlockingStack, devices: Devices
) -> None:
    request, key = patch(devices.script_run), str(uuid.uuid4())
    body = json.dumps(request).encode()
    tables = Tables.connect(stack.endpoints.table_connection, None)
    queues = ServiceBusQueues(connect(stack.endpoints.service_bus_connection, None))
    records, lines = TableOperations(tables), TableLines(tables)
    try:
        intake = Intake(records, lines, queues, utc_now, allowing_all(), 16, unofficial_routes=True)
        accepted = await intake.accept(body, source="http", key=key)
    finally:
        await queues.close()
        await tables.close()
    assert accepted.operation.route == RouteTaken(
        "patch-management-run-device", "patch-management-run-device", "beta"
    )
    # The app on the stack has not that setting.
    repeated = sluice.post(request, key=key)
    assert (repeated.status_code, repeated.json()["repeated"]) == (202, True)
    assert sluice.post(request).status_code == 422
    assert sluice.wait(repeated.json()["id"])["failure"]["code"] == "route-not-served"
