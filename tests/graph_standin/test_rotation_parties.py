"""The directory, the devices and the calendars of a rotation: the app's adapters over the wire."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.identity.aio import ManagedIdentityCredential
from pydantic import SecretStr
from tenants import Tenant, managed, user

from local.identity.issuer import GRAPH
from shared.changes.operation import GraphCall
from shared.clock import utc_now
from shared.faults import Fault, NeedsApproval, Permanent, Transient
from shared.graph.calendars import RoomCalendars
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.directory import EntraDirectory
from shared.graph.intune import IntuneDevices
from shared.register.document import DeviceAccountDocument, DeviceReference
from shared.rotation.families import account_parameter
from shared.rotation.ports import PasswordRejected

HUB, ACCOUNT = managed("HUB-ATRIUM"), user("hub-atrium")
UPN = ACCOUNT["userPrincipalName"]
NEW = SecretStr("canary-N3w-Passw0rd-for-the-hub")
BY_ID = DeviceReference(managedDeviceId=HUB["id"])
PARAMETER = account_parameter(
    DeviceAccountDocument(account=UPN, family="surfaceHub", devices=(BY_ID,))
)
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@dataclass
class Parties:
    tenant: Tenant
    client: GraphClient
    calls: list[GraphCall]

    def __post_init__(self) -> None:
        self.directory = EntraDirectory(self.client)
        self.devices = IntuneDevices(self.client)
        self.calendar = RoomCalendars(self.client)

    async def set_account(self, **approval: str) -> None:
        given: dict[str, Any] = {"reason": None, "approval_code": None, **approval}
        await self.devices.set_account(HUB["id"], PARAMETER, NEW, self.calls, **given)

    async def found(self) -> tuple[str, str]:
        device = await self.devices.find(BY_ID, self.calls)
        return device.result, device.began_at

    async def opens(self, object_id: str) -> bool:
        body = {"password": NEW.get_secret_value()}
        answer = await self.tenant.control("POST", f"/accounts/{object_id}/verify", body)
        return bool(answer["opens"])


@pytest.fixture
async def parties(tenant: Tenant) -> AsyncIterator[Parties]:
    credential = ForgetfulCredential(ManagedIdentityCredential, f"{GRAPH}/.default")
    client = GraphClient(tenant.base, credential, utc_now)
    yield Parties(tenant, client, [])
    await client.close()


async def test_an_account_is_found_by_name_and_by_id(parties: Parties) -> None:
    by_name = await parties.directory.account(UPN, parties.calls)
    assert by_name == await parties.directory.account(ACCOUNT["id"], parties.calls)
    assert (by_name.id, by_name.name) == (ACCOUNT["id"], UPN)
    assert (by_name.enabled, by_name.synced, by_name.has_roles) == (True, False, False)
    assert by_name.password_changed_at == ACCOUNT["lastPasswordChangeDateTime"]
    assert [call.route for call in parties.calls[:2]] == [
        "GET /users/{userId}",
        "GET /users/{userId}/transitiveMemberOf",
    ]


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        ({"accountEnabled": False}, "enabled", False),
        ({"onPremisesSyncEnabled": True}, "synced", True),
        ({"lastPasswordChangeDateTime": None}, "password_changed_at", None),
    ],
)
async def test_what_speaks_against_an_account_is_told(
    parties: Parties, change: dict[str, Any], member: str, value: Any
) -> None:
    await parties.tenant.control("PATCH", f"/objects/users/{ACCOUNT['id']}", change)
    account = await parties.directory.account(UPN, parties.calls)
    assert getattr(account, member) == value


@pytest.mark.parametrize(
    ("kinds", "has_roles"),
    [(["group"] * 3, False), (["group", "directoryRole"], True), (["group"] * 1_000, True)],
    ids=["groups", "a role", "more than a page"],
)
async def test_a_directory_role_is_seen_among_the_memberships(
    parties: Parties, kinds: list[str], has_roles: bool
) -> None:
    held = [
        {"@odata.type": f"#microsoft.graph.{kind}", "id": str(n)} for n, kind in enumerate(kinds)
    ]
    await parties.tenant.control("POST", "/objects", {"memberships": {ACCOUNT["id"]: held}})
    assert (await parties.directory.account(UPN, parties.calls)).has_roles is has_roles


async def test_an_account_that_is_not_in_the_directory_is_refused(parties: Parties) -> None:
    with pytest.raises(Permanent) as refused:
        await parties.directory.account("nobody@contoso.example", parties.calls)
    assert refused.value.code == "account-not-found"
    assert "nobody" not in refused.value.detail


async def test_a_password_is_set_without_asking_for_another(parties: Parties) -> None:
    before = (await parties.directory.account(UPN, parties.calls)).password_changed_at
    await parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls)
    assert await parties.opens(ACCOUNT["id"])
    assert (await parties.directory.account(UPN, parties.calls)).password_changed_at != before
    # A device can sign in with it, so it need not be changed first.
    await parties.set_account()
    parties.tenant.clock.now += 10
    assert (await parties.found())[0] == "done"


async def test_setting_a_password_takes_its_own_permission_and_no_other(parties: Parties) -> None:
    parties.tenant.issuer.roles[GRAPH] = ["User-PasswordProfile.ReadWrite.All"]
    await parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls)
    assert await parties.opens(ACCOUNT["id"])


@pytest.mark.parametrize("weak", ["alllowercaseletters", "Pässw0rd-with-umlaut"])
async def test_a_password_against_the_policy_is_rejected_in_words_of_ours(
    parties: Parties, weak: str
) -> None:
    with pytest.raises(PasswordRejected) as rejected:
        await parties.directory.set_password(ACCOUNT["id"], SecretStr(weak), parties.calls)
    assert rejected.value.code == "password-rejected"
    assert weak not in str(rejected.value)


@pytest.mark.parametrize(
    "words",
    [
        "The specified password does not comply with password complexity requirements.",
        "The password is in the list of banned passwords.",
        "Your password contains a word that makes it easily guessable.",
    ],
)
async def test_a_password_is_rejected_however_graph_words_it(parties: Parties, words: str) -> None:
    error = {
        "error": {"code": "Request_BadRequest", "message": f"{words} {NEW.get_secret_value()}"}
    }
    fault = {"match": {"method": "PATCH"}, "status": 400, "body": error}
    await parties.tenant.control("POST", "/faults", fault)
    with pytest.raises(PasswordRejected) as rejected:
        await parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls)
    assert NEW.get_secret_value() not in str(rejected.value)


async def test_a_password_of_a_synced_account_is_refused_and_not_rejected(
    parties: Parties,
) -> None:
    with pytest.raises(Permanent) as refused:
        await parties.directory.set_password(user("room-synced")["id"], NEW, parties.calls)
    assert type(refused.value) is Permanent
    assert refused.value.code == "graph-400-Request_BadRequest"


async def refusal(parties: Parties, reference: DeviceReference) -> Fault:
    with pytest.raises(Fault) as refused:
        await parties.devices.find(reference, parties.calls)
    return refused.value


@pytest.mark.parametrize("change_case", [str.lower, str.upper])
async def test_a_device_is_found_by_id_and_by_serial_number(
    parties: Parties, change_case: Any
) -> None:
    serial = change_case(HUB["serialNumber"])
    device = await parties.devices.find(DeviceReference(serialNumber=serial), parties.calls)
    assert device == await parties.devices.find(BY_ID, parties.calls)
    assert (device.id, device.name, device.model) == (HUB["id"], "HUB-ATRIUM", HUB["model"])
    assert device.address == f"device:{HUB['azureADDeviceId']}"
    assert (device.operating_system, device.os_version) == ("Windows", HUB["osVersion"])
    assert device.seen_at == datetime.fromisoformat(HUB["lastSyncDateTime"])
    assert (device.result, device.began_at) == ("", "")


@pytest.mark.parametrize(
    "reference",
    [{"serialNumber": "none-has-it"}, {"managedDeviceId": "6a59ea83-02bd-468f-a40b-f2c3d1821983"}],
    ids=lambda reference: next(iter(reference)),
)
async def test_a_device_that_intune_does_not_have_is_not_found(
    parties: Parties, reference: dict[str, str]
) -> None:
    refused = await refusal(parties, DeviceReference(**reference))
    assert (type(refused), refused.code) == (Permanent, "device-not-found")


async def test_of_several_devices_with_a_serial_number_none_is_taken(parties: Parties) -> None:
    twin = {**HUB, "id": "11111111-0000-4000-8000-000000000000", "deviceName": "HUB-BEFORE"}
    await parties.tenant.control("POST", "/objects", {"managedDevices": [twin]})
    refused = await refusal(parties, DeviceReference(serialNumber=HUB["serialNumber"]))
    assert (type(refused), refused.code) == (Permanent, "device-ambiguous")
    assert "2 devices" in refused.detail
    assert not {"HUB-BEFORE", "HUB-ATRIUM", twin["id"], HUB["id"]} & set(refused.detail.split())


@pytest.mark.parametrize("time", [None, "0001-01-01T00:00:00Z", "yesterday"])
async def test_a_device_that_never_reported_was_never_seen(
    parties: Parties, time: str | None
) -> None:
    change = {"lastSyncDateTime": time}
    await parties.tenant.control("PATCH", f"/objects/managedDevices/{HUB['id']}", change)
    assert (await parties.devices.find(BY_ID, parties.calls)).seen_at is None


async def test_an_account_that_is_set_shows_as_a_result_that_began_later(parties: Parties) -> None:
    await parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls)
    await parties.set_account()
    state, first = await parties.found()
    assert state == "pending"
    parties.tenant.clock.now += 10
    assert await parties.found() == ("done", first)
    assert await parties.opens(HUB["id"])
    await parties.set_account()
    assert (await parties.found())[1] > first


async def test_a_device_does_not_take_a_password_that_the_directory_does_not_know(
    parties: Parties,
) -> None:
    await parties.set_account()
    parties.tenant.clock.now += 10
    assert (await parties.found())[0] == "failed"


async def test_a_sync_makes_a_device_pick_up_what_is_queued(parties: Parties) -> None:
    behaviour = {"waitsForSync": True}
    await parties.tenant.control("PUT", f"/actions/{HUB['id']}", behaviour)
    await parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls)
    await parties.set_account()
    parties.tenant.clock.now += 3_600
    assert (await parties.found())[0] == "pending"
    await parties.devices.sync(HUB["id"], parties.calls)
    parties.tenant.clock.now += 10
    assert (await parties.found())[0] == "done"


async def test_an_approval_is_asked_for_with_the_reason_and_kept_with_its_code(
    parties: Parties,
) -> None:
    await parties.tenant.control("POST", "/approvals", {"path": "updateWindowsDeviceAccount"})
    with pytest.raises(NeedsApproval) as held:
        await parties.set_account(reason="Rotation")
    code = held.value.approval_code
    assert code
    await parties.tenant.control("POST", f"/approvals/{code}/approve")
    await parties.set_account(reason="Rotation", approval_code=code)
    assert (await parties.found())[0] == "pending"


@pytest.mark.parametrize("status", [400, 403, 429, 500])
@pytest.mark.parametrize(
    "ask",
    [
        lambda parties: parties.directory.set_password(ACCOUNT["id"], NEW, parties.calls),
        lambda parties: parties.set_account(),
    ],
    ids=["directory", "device"],
)
async def test_no_words_are_kept_of_an_error_that_may_repeat_the_password(
    parties: Parties, ask: Callable[[Parties], Awaitable[None]], status: int
) -> None:
    words = {"error": {"code": NEW.get_secret_value(), "message": NEW.get_secret_value()}}
    fault = {"match": {"path": "/users/|Account"}, "status": status, "body": words}
    await parties.tenant.control("POST", "/faults", fault)
    with pytest.raises(Fault) as caught:
        await ask(parties)
    assert NEW.get_secret_value() not in f"{caught.value} {caught.value!r} {parties.calls}"
    assert isinstance(caught.value, Transient if status in {429, 500} else Permanent)


def meeting(start: float, end: float, **members: Any) -> dict[str, Any]:
    """One that starts and ends so many hours from noon."""

    def time(hours: float) -> dict[str, str]:
        at = NOON + timedelta(hours=hours)
        return {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}

    known = {"subject": "Secret plans", "showAs": "busy", "isCancelled": False}
    return {**known, "start": time(start), "end": time(end), **members}


@pytest.mark.parametrize(
    ("meetings", "hours"),
    [
        ([], None),
        ([meeting(-1, 1)], 1),
        ([meeting(-1, 1), meeting(-0.5, 2)], 2),
        ([meeting(0, 1)], 1),
        ([meeting(-1, 0)], None),
        ([meeting(1, 2)], None),
        ([meeting(-1, 1, showAs="free")], None),
        ([meeting(-1, 1, showAs="workingElsewhere")], None),
        ([meeting(-1, 1, showAs="tentative")], 1),
        ([meeting(-1, 1, isCancelled=True)], None),
    ],
    ids=[
        "none", "now", "two", "just begun", "just over", "later", "free", "elsewhere", "tentative",
        "cancelled",
    ],
)  # fmt: skip
async def test_a_room_is_busy_until_its_meeting_ends(
    parties: Parties, meetings: list[dict[str, Any]], hours: float | None
) -> None:
    await parties.tenant.control("POST", "/objects", {"calendars": {ACCOUNT["id"]: meetings}})
    busy = await parties.calendar.busy_until(UPN, NOON, parties.calls)
    assert busy == (None if hours is None else NOON + timedelta(hours=hours))


async def test_a_time_of_any_zone_is_asked_for_in_utc(parties: Parties) -> None:
    await parties.tenant.control(
        "POST", "/objects", {"calendars": {ACCOUNT["id"]: [meeting(-1, 1)]}}
    )
    there = NOON.astimezone(datetime.fromisoformat("2026-12-01T12:00:00+05:30").tzinfo)
    busy = await parties.calendar.busy_until(UPN, there, parties.calls)
    assert busy == NOON + timedelta(hours=1)
