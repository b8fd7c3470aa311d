from typing import Any

import pytest
from tenants import Tenant, code, user

from local.identity.issuer import GRAPH

HUB = user("hub-atrium")
PATH = f"/users/{HUB['userPrincipalName']}"
NEW = "N3w-Passw0rd-for-the-hub"


async def opens(tenant: Tenant, password: str) -> bool:
    answer = await tenant.control("POST", f"/accounts/{HUB['id']}/verify", {"password": password})
    return bool(answer["opens"])


@pytest.mark.parametrize("path", [PATH, PATH.replace("@", "%40"), f"/users/{HUB['id']}"])
async def test_a_password_reset_opens_the_account_and_is_never_shown(
    tenant: Tenant, path: str
) -> None:
    profile = {"passwordProfile": {"password": NEW, "forceChangePasswordNextSignIn": False}}
    assert not await opens(tenant, NEW)
    assert (await tenant.call("PATCH", path, profile)).status_code == 204
    assert await opens(tenant, NEW)
    assert (await tenant.call("GET", f"{path}?$select=passwordProfile")).json()[
        "passwordProfile"
    ] is None
    assert NEW not in str(await tenant.stored("users", HUB["id"]))


@pytest.mark.parametrize("password", ["sh0rT!", "alllowercase", "Pässw0rd-long", "x" * 300 + "A1"])
async def test_a_weak_password_is_refused(tenant: Tenant, password: str) -> None:
    answer = await tenant.call("PATCH", PATH, {"passwordProfile": {"password": password}})
    assert code(answer) == (400, "Request_BadRequest")
    assert password not in answer.text


async def test_a_password_needs_its_own_permission(tenant: Tenant) -> None:
    tenant.issuer.roles[GRAPH] = ["User.ReadWrite.All"]
    tenant.token = tenant.issuer.issue(GRAPH, None)["access_token"]
    answer = await tenant.call("PATCH", PATH, {"passwordProfile": {"password": NEW}})
    assert code(answer) == (403, "Authorization_RequestDenied")
    assert (await tenant.call("PATCH", PATH, {"department": "AV"})).status_code == 204


async def test_the_password_permission_writes_nothing_else(tenant: Tenant) -> None:
    tenant.issuer.roles[GRAPH] = ["User-PasswordProfile.ReadWrite.All"]
    tenant.token = tenant.issuer.issue(GRAPH, None)["access_token"]
    answer = await tenant.call("PATCH", PATH, {"department": "AV"})
    assert code(answer) == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"aboutMe": "x"}, (403, "Authorization_RequestDenied")),
        ({"id": HUB["id"]}, (400, "Request_BadRequest")),
        ({"nickname": "x"}, (400, "Request_BadRequest")),
        ({"displayName": None}, (400, "Request_BadRequest")),
        ({"passwordProfile": {"pasword": "x"}}, (400, "Request_BadRequest")),
    ],
)
async def test_what_may_not_be_written_is_refused(
    tenant: Tenant, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(await tenant.call("PATCH", PATH, body)) == expected


async def test_the_password_of_a_synced_user_is_not_set_here(tenant: Tenant) -> None:
    path = f"/users/{user('room-synced')['id']}"
    answer = await tenant.call("PATCH", path, {"passwordProfile": {"password": NEW}})
    assert code(answer) == (400, "Request_BadRequest")


async def test_a_user_shows_the_default_members_unless_others_are_selected(
    tenant: Tenant,
) -> None:
    shown = (await tenant.call("GET", PATH)).json()
    assert "displayName" in shown
    assert "passwordPolicies" not in shown
    chosen = (await tenant.call("GET", f"{PATH}?$select=passwordPolicies")).json()
    assert chosen["passwordPolicies"] == "DisablePasswordExpiration"


async def test_an_unknown_user_is_not_found(tenant: Tenant) -> None:
    answer = await tenant.call("GET", "/users/nobody@contoso.example")
    assert code(answer) == (404, "Request_ResourceNotFound")
