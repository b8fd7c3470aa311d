"""What a rotation asks of Graph, as Microsoft prints the requests and describes the bodies."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from graph_recorder import PASSWORD, Connected
from official_description import body_schema, errors_in
from pydantic import SecretStr

from shared.graph.calendars import RoomCalendars
from shared.graph.directory import EntraDirectory
from shared.graph.groups import members_of
from shared.graph.intune import IntuneDevices
from shared.graph.routes import READS, STEPS, WRITES
from shared.permissions.needs import ROTATION, may_need, needs_of
from shared.register.document import DeviceAccountDocument, DeviceReference
from shared.rotation.families import account_parameter

USER, HUB = "80000000-0000-4000-8000-000000000000", "30000000-0000-4000-8000-000000000000"
UPN = "hub#ext#@contoso.example"

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SPAN = "&startDateTime=2026-12-01T20:00:00Z&endDateTime=2026-12-01T20:00:01Z"
_USER_MEMBERS = (
    "id,userPrincipalName,accountEnabled,onPremisesSyncEnabled,lastPasswordChangeDateTime"
)
_DEVICE_MEMBERS = (
    "id,azureADDeviceId,deviceName,operatingSystem,osVersion,model,lastSyncDateTime,"
    "enrolledDateTime,deviceActionResults"
)


async def rotate(graph: Connected, account: str) -> list[tuple[str, str, Any]]:
    """Everything that a rotation may ask, once: method, decoded target, body."""
    client, password = graph.client, SecretStr(PASSWORD)
    directory, devices = EntraDirectory(client), IntuneDevices(client)
    hub = DeviceReference(managedDeviceId=HUB)
    document = DeviceAccountDocument(account=account, family="surfaceHub", devices=(hub,))
    await directory.account(UPN, [])
    await RoomCalendars(client).busy_until(UPN, datetime(2026, 12, 1, 20, tzinfo=UTC), [])
    await devices.find(hub, [])
    await directory.set_password(USER, password, [])
    parameter = account_parameter(document)
    await devices.set_account(HUB, parameter, password, [], reason=None, approval_code=None)
    await devices.sync(HUB, [])
    return [(each.method, unquote(each.target), each.body) for each in graph.recorder.requests]


async def test_a_rotation_asks_what_the_pages_print(graph: Connected) -> None:
    managed = f"/v1.0/deviceManagement/managedDevices/{HUB}"
    account = {
        "@odata.type": "#microsoft.graph.windowsDeviceAzureADAccount",
        "userPrincipalName": "hub@contoso.example",
        "password": PASSWORD,
    }
    parameter = {
        "deviceAccount": account,
        "passwordRotationEnabled": False,
        "calendarSyncEnabled": True,
    }
    profile = {"password": PASSWORD, "forceChangePasswordNextSignIn": False}
    found = "0000000a-0000-4000-8000-000000000000"
    assert await rotate(graph, "hub@contoso.example") == [
        (
            "GET",
            f"/v1.0/users/{UPN}?$select={_USER_MEMBERS}",
            None,
        ),
        ("GET", f"/v1.0/users/{found}/transitiveMemberOf?$select=id&$top=999", None),
        (
            "GET",
            f"/v1.0/users/{UPN}/calendarView?$select=start,end,showAs,isCancelled&$top=50{_SPAN}",
            None,
        ),
        ("GET", f"{managed}?$select={_DEVICE_MEMBERS}", None),
        ("PATCH", f"/v1.0/users/{USER}", {"passwordProfile": profile}),
        (
            "POST",
            f"{managed}/updateWindowsDeviceAccount",
            {"updateWindowsDeviceAccountActionParameter": parameter},
        ),
        ("POST", f"{managed}/syncDevice", None),
    ]


@pytest.mark.parametrize("account", ["hub@contoso.example", "contoso\\hub"])
async def test_microsoft_s_description_finds_no_fault_with_a_body(
    graph: Connected, account: str
) -> None:
    bodies = {
        path.rpartition("/")[2]: body for _, path, body in await rotate(graph, account) if body
    }
    for path, body in (
        ("/users/{user-id}", bodies[USER]),
        (
            "/deviceManagement/managedDevices/{managedDevice-id}/updateWindowsDeviceAccount",
            bodies["updateWindowsDeviceAccount"],
        ),
    ):
        schema = body_schema("v1.0", "PATCH" if "user" in path else "POST", path)
        assert schema is not None
        assert errors_in("v1.0", schema, body) == []


async def test_a_rotation_needs_the_permissions_of_what_it_asks() -> None:
    known = {route.permission for route in (*READS, *WRITES, *STEPS)}
    least = {need[0] for need in needs_of([ROTATION], unofficial=False)}
    assert least == {
        "User.Read.All",
        "User-PasswordProfile.ReadWrite.All",
        "DeviceManagementManagedDevices.Read.All",
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
    }
    assert least <= known
    assert {need[0] for need in may_need([ROTATION])} == {
        "Calendars.ReadBasic.All",
        "GroupMember.Read.All",
        "Device.Read.All",
    }


async def test_a_group_is_asked_for_its_members_as_microsoft_prints_it(graph: Connected) -> None:
    await members_of(graph.client, USER)
    [asked] = graph.recorder.requests
    assert unquote(asked.target) == (
        f"/v1.0/groups/{USER}/transitiveMembers"
        "?$select=id,deviceId,displayName,userPrincipalName&$top=999"
    )
