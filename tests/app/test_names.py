"""Targets as people name them: one device exactly, or a refusal that tells nothing of any other."""

import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from asking import patch_managed
from planning import dry_run
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl

NO_DEVICE = "00000000-0000-0000-0000-000000000000"


class Enrolled:
    """A device that the directory and Intune know, and nobody else has its names."""

    def __init__(self, graph: TenantControl) -> None:
        self.tag = uuid.uuid4().hex[:12]
        self.entra = graph.add_device(displayName=f"HUB {self.tag}")
        self.managed = graph.add_managed_device(
            azureADDeviceId=self.entra["deviceId"],
            deviceName=f"HUB {self.tag}",
            serialNumber=f"SN-{self.tag}",
            imei=str(uuid.uuid4().int)[:15],
            userPrincipalName=f"hub-{self.tag}@contoso.example",
        )
        self.names = {
            "managedDeviceId": self.managed["id"],
            "azureADDeviceId": self.entra["deviceId"],
            "imei": self.managed["imei"],
            "serialNumber": self.managed["serialNumber"],
            "deviceName": self.managed["deviceName"],
            "primaryUser": self.managed["userPrincipalName"],
            "id": self.entra["id"],
            "deviceId": self.entra["deviceId"],
            "displayName": self.entra["displayName"],
        }

    def succeeded(self, graph: TenantControl) -> dict[str, Any]:
        """Another device that has its name from now on."""
        now = graph.stored("managedDevices", self.managed["id"])
        graph.call("POST", "/objects", {"managedDevices": [now | {"deviceName": "old"}]})
        return graph.add_managed_device(deviceName=self.names["deviceName"])

    def named(self, members: str) -> dict[str, str]:
        return {name: self.names[name] for name in members.split()}


def note(target: dict[str, Any], value: str = "seen") -> dict[str, Any]:
    return {"operation": "patchManagedDevice", "target": target, "set": {"notes": value}}


def attribute(target: dict[str, Any], value: str = "seen") -> dict[str, Any]:
    attributes = {"extensionAttributes": {"extensionAttribute1": value}}
    return {"operation": "patchDevice", "target": target, "set": attributes}


@pytest.fixture(scope="module")
def device(graph: TenantControl) -> Enrolled:
    graph_device = Enrolled(graph)
    # A longer name, and names that only look alike.
    graph.add_managed_device(userPrincipalName=f"old-{graph_device.names['primaryUser']}")
    return graph_device


@pytest.mark.parametrize(
    "members",
    [
        "serialNumber",
        "deviceName",
        "azureADDeviceId",
        "imei",
        "primaryUser",
        "primaryUser deviceName serialNumber imei azureADDeviceId managedDeviceId",
    ],
)
def test_an_intune_device_is_patched_by_any_of_its_names(
    sluice: Sluice, graph: TenantControl, queues: Queues, device: Enrolled, members: str
) -> None:
    change = sluice.accepted(note(device.named(members), members))
    done = sluice.wait(change)
    assert done["state"] == "verified", done["failure"]
    found = {"managedDeviceId": device.managed["id"]}
    assert (done["target"], done["resolved"]) == (device.named(members), found)
    assert graph.stored("managedDevices", device.managed["id"])["notes"] == members
    outcome = queues.outcome(change)
    assert (outcome["target"], outcome["resolved"]) == (device.named(members), found)


@pytest.mark.parametrize(
    "members",
    ["displayName", "serialNumber", "imei", "primaryUser", "id deviceId displayName serialNumber"],
)
def test_an_entra_device_is_patched_by_its_name_and_by_what_intune_knows_of_it(
    sluice: Sluice, graph: TenantControl, device: Enrolled, members: str
) -> None:
    done = sluice.wait(sluice.accepted(attribute(device.named(members), members)))
    assert done["state"] == "verified", done["failure"]
    assert done["resolved"] == {"id": device.entra["id"]}
    stored = graph.stored("devices", device.entra["id"])
    assert stored["extensionAttributes"]["extensionAttribute1"] == members


def test_the_account_of_a_device_is_set_by_its_serial_number(
    sluice: Sluice, graph: TenantControl, device: Enrolled, secret: str
) -> None:
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": secret}}
    request = {
        "operation": "updateDeviceAccount",
        "target": {"serialNumber": device.names["serialNumber"].lower()},
        "set": {"deviceAccount": account},
    }
    assert sluice.wait(sluice.accepted(request))["state"] == "verified"
    [effect] = graph.effects(f"{device.managed['id']}/updateWindowsDeviceAccount")
    assert effect["status"] == 204


NONE, MANY, OTHER = "target-not-found", "target-ambiguous", "identifiers-disagree"


@pytest.mark.parametrize("name", ["serialNumber", "deviceName", "imei", "primaryUser"])
def test_nobody_has_the_name(sluice: Sluice, name: str) -> None:
    value = {"imei": "000000000000001", "primaryUser": "nobody@contoso.example"}.get(name, "nobody")
    failure = sluice.wait(sluice.accepted(note({name: value})))["failure"]
    assert failure["code"] == NONE
    assert value not in failure["detail"]


def test_several_that_have_the_name_are_counted_and_not_told(
    sluice: Sluice, graph: TenantControl
) -> None:
    name = f"HUB {uuid.uuid4()}"
    devices = [graph.add_managed_device(deviceName=name, serialNumber=f"S{n}") for n in range(3)]
    failed = sluice.wait(sluice.accepted(note({"deviceName": name})))
    assert (failed["failure"]["code"], failed["failure"]["detail"][:2]) == (MANY, "3 ")
    assert not any(each["id"] in str(failed) for each in devices)
    both = {"deviceName": name, "serialNumber": "S1"}
    assert sluice.wait(sluice.accepted(note(both)))["resolved"] == {
        "managedDeviceId": devices[1]["id"]
    }
    several = [graph.add_managed_device(deviceName=name) for _ in range(18)]
    told = sluice.wait(sluice.accepted(note({"deviceName": name})))["failure"]
    assert (told["code"], told["detail"].split(" devices")[0]) == (MANY, "More than 20")
    assert not graph.effects(several[0]["id"])


@pytest.mark.parametrize(
    ("make", "case"),
    [
        (note, ("serialNumber", {"deviceName": "another"})),
        (note, ("managedDeviceId", {"serialNumber": "another"})),
        (note, ("serialNumber", {"azureADDeviceId": str(uuid.UUID(int=7))})),
        (attribute, ("id", {"deviceId": str(uuid.UUID(int=7))})),
        (attribute, ("deviceId", {"displayName": "another"})),
        (attribute, ("serialNumber", {"deviceId": str(uuid.UUID(int=7))})),
        (attribute, ("serialNumber", {"displayName": "another"})),
    ],
    ids=lambda value: value.__name__ if callable(value) else f"{value[0]}+{next(iter(value[1]))}",
)
def test_names_that_are_not_one_device_s_change_none(
    sluice: Sluice,
    graph: TenantControl,
    device: Enrolled,
    make: Callable[..., dict[str, Any]],
    case: tuple[str, dict[str, str]],
) -> None:
    members, foreign = case
    target = device.named(members) | foreign
    failed = sluice.wait(sluice.accepted(make(target, "never")))
    wanted = NONE if "azureADDeviceId" in foreign else OTHER
    assert (failed["failure"]["code"], failed["resolved"]) == (wanted, None)
    assert "another" not in failed["failure"]["detail"]
    assert graph.stored("managedDevices", device.managed["id"])["notes"] != "never"


def test_a_device_that_is_not_in_the_directory_has_a_serial_number_in_intune_only(
    sluice: Sluice, graph: TenantControl
) -> None:
    serial = f"SN-{uuid.uuid4()}"
    managed = graph.add_managed_device(serialNumber=serial, azureADDeviceId=NO_DEVICE)
    assert sluice.wait(sluice.accepted(note({"serialNumber": serial})))["state"] == "verified"
    failed = sluice.wait(sluice.accepted(attribute({"serialNumber": serial})))
    assert failed["failure"]["code"] == NONE
    assert managed["id"] not in str(failed)


HOSTILE = ["O'Brien's \"hub\"", "50% #1 & + = ?/\\", "Größe 北京 😀", "x" * 256, "{id} ' or ''='"]


@pytest.mark.parametrize("name", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_a_name_is_taken_as_it_is_written(sluice: Sluice, graph: TenantControl, name: str) -> None:
    graph.add_managed_device(deviceName=f"{name[:-1]}~")
    device = graph.add_managed_device(deviceName=name)
    done = sluice.wait(sluice.accepted(note({"deviceName": name})))
    assert (done["state"], done["resolved"]) == ("verified", {"managedDeviceId": device["id"]})


def test_a_dry_run_tells_which_device_it_is_and_the_plan_is_for_that_one(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = Enrolled(graph)
    request = note(device.named("deviceName"), "planned")
    planned = dry_run(sluice, request)
    found = {"managedDeviceId": device.managed["id"]}
    assert (planned["plan"]["target"], planned["plan"]["effect"]) == (found, "write")
    assert planned["hash"] == dry_run(sluice, note(found, "planned"))["hash"]
    successor = device.succeeded(graph)
    assert dry_run(sluice, request)["hash"] != planned["hash"]
    failed = sluice.wait(sluice.accepted(request | {"plan": planned["hash"]}))
    assert failed["failure"]["code"] == "plan-changed"
    assert not graph.effects(successor["id"])


def test_a_dry_run_tells_that_no_one_device_has_the_name(sluice: Sluice) -> None:
    plan = dry_run(sluice, note({"deviceName": "nobody"}))["plan"]
    assert (plan["effect"], plan["code"], plan["target"]) == ("refused", NONE, {})


def test_a_reversal_goes_to_the_device_that_was_changed(
    sluice: Sluice, graph: TenantControl
) -> None:
    device = Enrolled(graph)
    change = sluice.accepted(note(device.named("deviceName"), "done"))
    assert sluice.wait(change)["state"] == "verified"
    device.succeeded(graph)
    reversal = sluice.act(change, "reverse").json()["id"]
    assert sluice.wait(reversal)["target"] == {"managedDeviceId": device.managed["id"]}
    assert sluice.wait(change, "reversed")["reversedBy"] == reversal


def test_changes_by_name_and_by_id_never_overlap(sluice: Sluice, graph: TenantControl) -> None:
    device = Enrolled(graph)
    graph.fault(device.managed["id"], method="PATCH", times=None, delaySeconds=0.1)
    requests = [
        note(device.named("serialNumber"), "1"),
        note(device.named("deviceName"), "2"),
        patch_managed(device.managed, notes="3"),
        note(device.named("serialNumber"), "4"),
    ]
    changes = [sluice.accepted(request) for request in requests]
    assert [sluice.wait(change)["state"] for change in changes] == ["verified"] * 4
    effects = graph.effects(device.managed["id"])
    assert all(one["finishedAt"] <= two["at"] for one, two in pairwise(effects))
    values = [effect["body"]["notes"] for effect in effects]
    assert values.index("1") < values.index("4")
