"""`patchDevice`: properties of an Entra device."""

import pytest
from asking import patch_device, set_attribute
from sluice_client import Sluice
from tenant_control import TenantControl


@pytest.mark.parametrize("form", ["id", "deviceId"])
def test_a_device_is_patched_by_either_of_its_ids(
    sluice: Sluice, graph: TenantControl, form: str
) -> None:
    device = graph.add_device()
    change = sluice.wait(sluice.accepted(set_attribute(device, "CC-1042", form)))
    assert change["state"] == "verified"
    assert change["before"] == {"extensionAttributes": {"extensionAttribute1": None}}
    assert change["after"] == {"extensionAttributes": {"extensionAttribute1": "CC-1042"}}
    [effect] = graph.effects(device[form])
    address = device["id"] if form == "id" else f"devices(deviceId='{device['deviceId']}')"
    assert address in effect["path"].replace("%27", "'")
    assert effect["body"] == {"extensionAttributes": {"extensionAttribute1": "CC-1042"}}


def test_what_is_so_already_is_not_sent(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device(displayName="HUB-ATRIUM")
    change = sluice.wait(sluice.accepted(patch_device(device, displayName="HUB-ATRIUM")))
    assert change["state"] == "unchanged"
    assert change["before"] == change["after"] == {"displayName": "HUB-ATRIUM"}
    assert graph.journal(device["id"], "PATCH") == []


def test_null_clears_a_property(sluice: Sluice, graph: TenantControl) -> None:
    attributes = {"extensionAttribute1": "old", "extensionAttribute2": "kept"}
    device = graph.add_device(extensionAttributes=attributes)
    cleared = {"extensionAttribute1": None}
    change = sluice.wait(sluice.accepted(patch_device(device, extensionAttributes=cleared)))
    assert change["state"] == "verified"
    stored = graph.stored("devices", device["id"])["extensionAttributes"]
    assert stored == {"extensionAttribute1": None, "extensionAttribute2": "kept"}


def test_only_what_differs_is_written(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_device(
        displayName="HUB",
        extensionAttributes={"extensionAttribute1": "same", "extensionAttribute2": "old"},
    )
    wanted = {"extensionAttribute1": "same", "extensionAttribute2": "new"}
    request = patch_device(
        device, displayName="HUB", accountEnabled=False, extensionAttributes=wanted
    )
    assert sluice.wait(sluice.accepted(request))["state"] == "verified"
    [effect] = graph.effects(device["id"])
    assert effect["body"] == {
        "accountEnabled": False,
        "extensionAttributes": {"extensionAttribute2": "new"},
    }


def test_a_device_without_windows_takes_extension_attributes_only(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device(operatingSystem="iPad")
    refused = sluice.accepted(patch_device(device, displayName="other"))
    taken = sluice.accepted(set_attribute(device, "CC-1042"))
    change = sluice.wait(refused)
    assert (change["state"], change["failure"]["code"]) == ("failed", "application-only")
    assert sluice.wait(taken)["state"] == "verified"
    assert [effect["body"] for effect in graph.journal(device["id"], "PATCH")] == [
        {"extensionAttributes": {"extensionAttribute1": "CC-1042"}}
    ]


def test_a_device_that_does_not_exist_fails_the_change(
    sluice: Sluice, graph: TenantControl
) -> None:
    nobody = {"deviceId": "00000000-0000-4000-8000-000000000000"}
    change = sluice.wait(sluice.accepted(set_attribute(nobody, "x", "deviceId")))
    assert change["state"] == "failed"
    assert change["failure"]["code"].startswith("graph-404")
