"""Changes in either version of Graph, and on several routes to one device."""

import itertools
import uuid
from datetime import datetime
from typing import Any

import pytest
from deep_targets import Devices, patch
from sluice_client import Sluice
from tenant_control import TenantControl


@pytest.fixture
def devices(graph: TenantControl) -> Devices:
    return Devices(graph)


def test_a_property_that_only_beta_has_is_written_in_beta(
    sluice: Sluice, graph: TenantControl, devices: Devices
) -> None:
    wanted = {"ownerType": "personal", "roleScopeTagIds": ["7", "0"]}
    request = patch(devices.target("plain"), set=wanted)
    answer = sluice.post(request)
    assert answer.status_code == 422
    assert [(e["code"], e["pointer"]) for e in answer.json()["errors"]] == [
        ("property-not-writable", "/set/ownerType"),
        ("property-not-writable", "/set/roleScopeTagIds"),
    ]
    change = sluice.wait(sluice.accepted(request | {"version": "beta"}))
    assert (change["state"], change["route"]["version"]) == ("verified", "beta")
    assert {call["route"].split("/")[1] for call in change["calls"]} == {"beta"}
    stored = graph.stored("managedDevices", devices.device["id"])
    assert (stored["ownerType"], stored["roleScopeTagIds"]) == ("personal", ["7", "0"])
    tags = patch(devices.target("plain"), set={"roleScopeTagIds": ["0", "7"]}, version="beta")
    assert sluice.wait(sluice.accepted(tags))["state"] == "unchanged"


def test_an_entra_device_is_patched_in_either_version(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device()
    for version in ("beta", "v1.0"):
        request = {
            "operation": "patchDevice",
            "target": {"deviceId": device["deviceId"]},
            "set": {"displayName": f"HUB {version}"},
            "version": version,
        }
        change = sluice.wait(sluice.accepted(request))
        assert (change["state"], change["route"]["version"]) == ("verified", version)


@pytest.mark.parametrize(("name", "version"), [("comanaged", "v1.0"), ("root", "v1.0")])
def test_a_version_that_a_route_is_not_in_is_refused(
    sluice: Sluice, devices: Devices, name: str, version: str
) -> None:
    answer = sluice.post(patch(devices.target(name), version=version, allowUnofficialRoute=True))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["pointer"]) == (
        422,
        "version-not-offered",
        "/version",
    )


def test_changes_of_one_device_keep_their_order_whichever_route_they_take(
    sluice: Sluice, graph: TenantControl, devices: Devices
) -> None:
    entra = graph.add_device(deviceId=devices.device["azureADDeviceId"])
    run = patch(devices.script_run, set={"notes": "0"}, allowUnofficialRoute=True)
    sluice.wait(sluice.accepted(run))  # from now on Sluice knows whose run it is
    graph.fault(f"/devices/{entra['id']}", method="PATCH", status=503, times=2)
    first = {
        "operation": "patchDevice",
        "target": {"id": entra["id"]},
        "set": {"displayName": "HUB-1"},
    }
    later = [
        run | {"set": {"notes": "1"}},
        patch(devices.target("user")),
        patch(devices.target("root"), set={"notes": "2"}, rewriteToOfficialRoute=True),
    ]
    check_order(sluice, first, later)


def test_a_device_that_the_directory_does_not_know_keeps_its_order_by_its_intune_id(
    sluice: Sluice, graph: TenantControl, devices: Devices
) -> None:
    path, nobody = f"/objects/managedDevices/{devices.device['id']}", str(uuid.UUID(int=0))
    graph.call("PATCH", path, {"azureADDeviceId": nobody})
    run = patch(devices.script_run, set={"notes": "0"}, allowUnofficialRoute=True)
    sluice.wait(sluice.accepted(run))
    graph.fault(f"/managedDevices/{devices.device['id']}", method="PATCH", status=503, times=2)
    check_order(sluice, patch(devices.target("plain")), [run | {"set": {"notes": "1"}}])


def check_order(sluice: Sluice, first: dict[str, Any], later: list[dict[str, Any]]) -> None:
    """Ask for all while the first is being tried again, and see each begin after the last."""
    changes = [sluice.accepted(first)]
    sluice.wait(changes[0], "applying")
    changes += [sluice.accepted(request) for request in later]
    ended = [sluice.wait(change) for change in changes]
    for earlier, after in itertools.pairwise(ended):
        began = next(step for step in after["timeline"] if step["state"] == "applying")
        assert at(began) >= at(earlier["timeline"][-1])


def at(step: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])
