"""Rows of the register proposed from a group: the app's readers over the wire to the tenant."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.identity.aio import ManagedIdentityCredential
from tenants import Tenant, device, managed, user

from local.identity.issuer import GRAPH
from shared.clock import utc_now
from shared.faults import Permanent
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.groups import members_of
from shared.graph.pages import every
from shared.graph.routes import ROUTES
from shared.permissions.needs import ROTATION, may_need, needs_of
from shared.register.discover import SELECT, Proposed, propose

LEAST = ["GroupMember.Read.All", "DeviceManagementManagedDevices.Read.All"]


@pytest.fixture
async def client(tenant: Tenant) -> AsyncIterator[GraphClient]:
    credential = ForgetfulCredential(ManagedIdentityCredential, f"{GRAPH}/.default")
    client = GraphClient(tenant.base, credential, utc_now)
    yield client
    await client.close()


async def group_of(tenant: Tenant, *members: str) -> str:
    group = str(uuid.uuid4())
    await tenant.control("POST", "/objects", {"groups": {group: list(members)}})
    return group


async def proposed(client: GraphClient, group: str, *rooms: str) -> Proposed:
    members = await members_of(client, group)
    devices = every(client, ROUTES["list-managed-devices"], {}, select=SELECT)
    return await propose(devices, list(rooms), members)


def rows(found: Proposed) -> dict[str, tuple[str, list[str | None]]]:
    return {
        account: (document.family, [each.managedDeviceId for each in document.devices])
        for account, document in found.documents.items()
    }


async def test_devices_and_accounts_of_a_group_and_of_those_in_it_are_proposed(
    tenant: Tenant, client: GraphClient
) -> None:
    lisbon = await group_of(tenant, user("room-lisbon")["id"])
    group = await group_of(
        tenant, device("HUB-ATRIUM")["id"], device("MTR-BERLIN")["id"], lisbon, lisbon
    )
    found = await proposed(client, group, "MTR-*")
    assert rows(found) == {
        "hub-atrium@contoso.example": ("surfaceHub", [managed("HUB-ATRIUM")["id"]]),
        "room-berlin@contoso.example": ("teamsRoomsOnWindows", [managed("MTR-BERLIN")["id"]]),
        "room-lisbon@contoso.example": ("teamsRoomsOnWindows", [managed("MTR-LISBON")["id"]]),
    }
    assert found.left_out == []


async def test_a_device_that_is_in_the_group_twice_is_proposed_once(
    tenant: Tenant, client: GraphClient
) -> None:
    group = await group_of(tenant, device("HUB-ATRIUM")["id"], user("hub-atrium")["id"])
    found = await proposed(client, group)
    assert [ids for _, ids in rows(found).values()] == [[managed("HUB-ATRIUM")["id"]]]
    assert found.left_out == []


async def test_every_member_that_comes_to_nothing_is_told_with_its_reason(
    tenant: Tenant, client: GraphClient
) -> None:
    unmanaged: dict[str, Any] = {"id": str(uuid.uuid4()), "deviceId": str(uuid.uuid4())}
    nobody = {"id": str(uuid.uuid4()), "userPrincipalName": "nobody@contoso.example"}
    await tenant.control(
        "POST",
        "/objects",
        {"devices": [unmanaged | {"displayName": "NOT-THERE"}], "users": [nobody]},
    )
    group = await group_of(
        tenant, unmanaged["id"], nobody["id"], device("LT-AVANCE-01")["id"],
        device("KIOSK-LOBBY")["id"],
    )  # fmt: skip
    found = await proposed(client, group, "KIOSK-*")
    assert found.documents == {}
    assert sorted(found.left_out) == [
        "KIOSK-LOBBY: it has no primary user",
        "LT-AVANCE-01: no Surface Hub, and like none of --rooms",
        "NOT-THERE: Intune has no such device",
        "nobody@contoso.example: the primary user of no device in Intune",
    ]


async def test_a_group_of_accounts_takes_two_permissions_and_one_of_devices_a_third(
    tenant: Tenant, client: GraphClient
) -> None:
    accounts = await group_of(tenant, user("hub-atrium")["id"])
    devices = await group_of(tenant, device("HUB-ATRIUM")["id"])
    tenant.issuer.roles[GRAPH] = LEAST
    assert list((await proposed(client, accounts)).documents) == ["hub-atrium@contoso.example"]
    with pytest.raises(Permanent) as fault:
        await proposed(client, devices)
    assert fault.value.code == "devices-not-readable"


async def test_the_third_permission_does(tenant: Tenant, client: GraphClient) -> None:
    devices = await group_of(tenant, device("HUB-ATRIUM")["id"])
    tenant.issuer.roles[GRAPH] = [*LEAST, "Device.Read.All"]
    assert list((await proposed(client, devices)).documents) == ["hub-atrium@contoso.example"]
    known = {need[0] for need in needs_of([ROTATION], unofficial=False) | may_need([ROTATION])}
    assert {*LEAST, "Device.Read.All"} <= known


async def test_a_group_that_is_not_there_is_told(client: GraphClient) -> None:
    with pytest.raises(Permanent) as fault:
        await members_of(client, str(uuid.uuid4()))
    assert fault.value.code == "group-not-found"


async def test_a_large_group_is_read_page_by_page(tenant: Tenant, client: GraphClient) -> None:
    people = [{"id": str(uuid.uuid4())} for _ in range(1_100)]
    await tenant.control("POST", "/objects", {"users": people})
    group = await group_of(tenant, *(each["id"] for each in people))
    members = await members_of(client, group)
    assert members.users.keys() == {each["id"] for each in people}
