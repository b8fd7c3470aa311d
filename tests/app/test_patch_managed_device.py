"""`patchManagedDevice`: properties of an Intune device."""

from asking import patch_managed
from sluice_client import Sluice
from tenant_control import TenantControl


def test_name_owner_and_notes_are_written_together(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_managed_device()
    wanted = {
        "managedDeviceName": "HUB-NEW",
        "managedDeviceOwnerType": "personal",
        "notes": "Room 4.2",
    }
    change = sluice.wait(sluice.accepted(patch_managed(device, **wanted)))
    assert change["state"] == "verified"
    assert change["before"] == {
        "managedDeviceName": "HUB_managed",
        "managedDeviceOwnerType": "company",
        "notes": None,
    }
    assert change["after"] == wanted
    [effect] = graph.effects(device["id"])
    assert (effect["method"], effect["body"]) == ("PATCH", wanted)


def test_null_clears_the_notes(sluice: Sluice, graph: TenantControl) -> None:
    device = graph.add_managed_device(notes="Room 4.2")
    change = sluice.wait(sluice.accepted(patch_managed(device, notes=None)))
    assert (change["state"], change["before"]) == ("verified", {"notes": "Room 4.2"})
    assert graph.stored("managedDevices", device["id"])["notes"] is None


def test_a_device_that_is_not_in_the_directory_can_be_patched(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_managed_device(azureADDeviceId="00000000-0000-0000-0000-000000000000")
    changes = [sluice.accepted(patch_managed(device, notes=f"note {n}")) for n in range(3)]
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 3
    assert [effect["body"]["notes"] for effect in graph.effects(device["id"])] == [
        "note 0",
        "note 1",
        "note 2",
    ]
