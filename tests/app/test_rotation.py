"""`rotateDeviceAccount` on the local stack: three parties, one password, or a true word why not."""

from typing import Any

import pytest
from azure.keyvault.secrets import SecretClient
from queues import Queues
from rooms import Room
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from shared.register.document import secret_name_of

SOON = 2 / 3600
"""Two seconds, in hours."""


@pytest.fixture
def furnish(graph: TenantControl, vault: SecretClient, sluice: Sluice) -> Any:
    def furnished(**options: Any) -> Room:
        return Room.furnished(graph, vault, sluice, **options)

    return furnished


def test_a_rotation_ends_with_one_new_password_in_all_three_places(
    furnish: Any, graph: TenantControl, queues: Queues
) -> None:
    room = furnish(email="room@contoso.example", sipAddress="sip:room@contoso.example")
    change = room.sluice.wait(room.rotate(), "verified")
    assert room.current not in ("", room.first_password)
    assert room.opens(room.current) == (True, True)
    [told] = graph.effects(f"/users/{room.user}")
    assert told["body"]["passwordProfile"]["forceChangePasswordNextSignIn"] is False
    action, sync = graph.effects(room.hub["id"])
    parameter = action["body"]["updateWindowsDeviceAccountActionParameter"]
    assert parameter.pop("deviceAccount")["password"].startswith("sha256:")
    assert parameter == {
        "calendarSyncEnabled": True,
        "deviceAccountEmail": "room@contoso.example",
        "passwordRotationEnabled": False,
        "sessionInitiationProtocalAddress": "sip:room@contoso.example",
    }
    assert sync["path"].endswith("/syncDevice")
    assert change["progress"]["devices"][0]["phase"] == "confirmed"
    assert queues.outcome(change["id"])["after"]["passwordSecret"]["version"]
    assert (room.rotation["state"], room.rotation["operation"]) == ("verified", change["id"])
    secret = room.vault.get_secret(secret_name_of(room.account))
    assert secret.properties.tags["operation"] == change["id"]
    versions = list(room.vault.list_properties_of_secret_versions(secret.name))
    assert [each.version for each in versions if each.version == change["progress"]["previous"]]


def test_a_device_that_does_not_know_the_action_gets_the_account_its_old_password_back(
    furnish: Any, graph: TenantControl
) -> None:
    room = furnish(whenUnconfirmed="reverse")
    graph.behave(room.hub["id"], outcome="notSupported")
    change = room.sluice.wait(room.rotate(), "reversed")
    assert change["progress"]["undoing"] == "device-action-not-supported"
    assert room.current == room.first_password
    assert room.opens(room.current)[0]
    # The record says so first.
    eventually(lambda: room.rotation["state"] == "reversed", what="reversed in the register")
    assert room.rotation["detail"] == "device-action-not-supported"


def test_a_device_that_does_not_answer_holds_the_rotation_until_a_person_lets_it_go_on(
    furnish: Any, graph: TenantControl, queues: Queues
) -> None:
    room = furnish(confirmWithinHours=SOON)
    graph.behave(room.hub["id"], outcome="pending")
    change = room.sluice.wait(room.rotate(), "held")
    assert change["failure"]["code"] == "not-confirmed"
    assert (change["progress"]["directory"], change["progress"]["devices"][0]["phase"]) == (
        "new",
        "asked",
    )
    assert room.current == room.first_password
    assert room.opens(room.pending)[0]
    assert queues.outcome(change["id"])["state"] == "held"
    graph.behave(room.hub["id"], outcome="done")
    assert room.sluice.act(change["id"], "cancel").status_code == 409
    assert room.sluice.act(change["id"], "reverse").status_code == 202
    room.sluice.wait(change["id"], "reversed")
    assert room.opens(room.first_password)[0]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"user": {"onPremisesSyncEnabled": True}}, "account-synced"),
        ({"user": {"accountEnabled": False}}, "account-disabled"),
        ({"hub": {"model": "ThinkSmart Core"}}, "device-of-another-family"),
        ({"hub": {"lastSyncDateTime": "2026-01-01T00:00:00Z"}}, "device-not-seen"),
        ({"paused": True}, "account-paused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_touched_when_the_gate_is_shut(
    furnish: Any, graph: TenantControl, options: dict[str, Any], code: str
) -> None:
    room = furnish(**options)
    answer = room.sluice.post(
        {"operation": "rotateDeviceAccount", "target": {"account": room.account}}
    )
    change = room.sluice.wait(answer.json()["id"], "failed")
    assert change["failure"]["code"] == code
    assert graph.effects(room.user) == graph.effects(room.hub["id"]) == []
    assert room.current == room.first_password


def test_a_password_that_the_directory_rejects_is_replaced_by_another(
    furnish: Any, graph: TenantControl
) -> None:
    room = furnish()
    message = (
        "The specified password does not comply with password complexity requirements."
        " Please provide a different password."
    )
    graph.fault(
        f"/users/{room.user}",
        method="PATCH",
        status=400,
        body={"error": {"code": "Request_BadRequest", "message": message}},
    )
    change = room.sluice.wait(room.rotate(), "verified")
    assert change["progress"]["minted"] == 2
    assert room.opens(room.current) == (True, True)
