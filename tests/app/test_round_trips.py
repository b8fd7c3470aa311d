"""What each kind of change costs: its round trips are those that docs/performance.md states."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from app_identity import AppIdentity
from asking import patch_managed, set_attribute, update_account
from azure.keyvault.secrets import SecretClient
from bulk_client import accepted_bulk, add_devices, bulk_request
from impatience import IMPATIENT
from meter import Meter, trips
from queues import Queues
from rooms import Room
from senders import SECRETS, signed
from sluice_client import Sluice
from tenant_control import TenantControl
from test_webhooks import item

from local.up.blocking import blocking_stack

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
NEVER = "0 0 0 1 1 *"
UNDISTURBED = {
    **dict.fromkeys(("RESEND_SCHEDULE", "ROTATION_SCHEDULE", "RECONCILE_SCHEDULE"), NEVER),
    # By the first look the devices of the stand-in have done what they are told.
    "ACTION_CHECK_SECONDS": "1",
    "CLAIM_SECONDS": "60",
}


class Office:
    """A metered stack and everybody who has to do with it."""

    def __init__(
        self,
        sluice: Sluice,
        graph: TenantControl,
        queues: Queues,
        vault: SecretClient,
        meter: Meter,
    ) -> None:
        self.sluice, self.graph, self.queues = sluice, graph, queues
        self.vault, self.meter = vault, meter

    def cost(self, ask: Callable[[], str | None]) -> tuple[int, ...]:
        """The round trips from asking until the outcome is told and its message is settled."""
        self.meter.clear()
        if told_of := ask():
            self.queues.outcome(told_of)
        return trips(self.meter.settled())

    def change(self, request: dict[str, Any]) -> Callable[[], str]:
        """A change over HTTP, with a key."""
        return lambda: self.sluice.accepted(request, key=str(uuid.uuid4()))

    def known(self, request: dict[str, Any]) -> None:
        """Let Sluice find out which device or user the target is."""
        self.cost(self.change(request))


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with (
        blocking_stack(settings=IMPATIENT | UNDISTURBED, metered=True) as stack,
        Sluice(stack.endpoints) as sluice,
        TenantControl(stack.endpoints) as graph,
        Queues(stack.endpoints) as queues,
        SecretClient(
            stack.endpoints.vault,
            AppIdentity(stack.endpoints),
            verify_challenge_resource=False,
            connection_verify=str(stack.endpoints.vault_ca),
        ) as vault,
        Meter(stack.endpoints) as meter,
    ):
        office = Office(sluice, graph, queues, vault, meter)
        for name, value in SECRETS.items():
            vault.set_secret(name, value)
        # The first of each kind also gets tokens, opens links and makes tables.
        for warm in (by_device_id, on_intake, by_webhook, update, bulk_of(1)):
            warm(office)
        rotation(office)
        yield office


def by_device_id(office: Office) -> tuple[int, ...]:
    device = office.graph.add_device()
    return office.cost(office.change(set_attribute(device, "new", "deviceId")))


def on_intake(office: Office) -> tuple[int, ...]:
    request = set_attribute(office.graph.add_device(), "new", "deviceId")
    return office.cost(lambda: office.queues.send_intake(request))


def by_webhook(office: Office) -> tuple[int, ...]:
    body = json.dumps(item(office.graph.add_device())).encode()

    def send() -> str:
        answer = office.sluice.http.post(
            "/webhooks/servicenow",
            content=body,
            headers={
                "Content-Type": "application/json",
                **signed("servicenow", body, datetime.now(UTC)),
            },
        )
        return str(answer.raise_for_status().json()["changes"][0]["id"])

    return office.cost(send)


def unchanged(office: Office) -> tuple[int, ...]:
    device = office.graph.add_device(extensionAttributes={"extensionAttribute1": "old"})
    return office.cost(office.change(set_attribute(device, "old", "deviceId")))


def dry_run(office: Office) -> tuple[int, ...]:
    request = set_attribute(office.graph.add_device(), "new", "deviceId") | {"dryRun": True}

    def ask() -> None:
        assert office.sluice.post(request).status_code == 200

    return office.cost(ask)


def by_object_id(office: Office) -> tuple[int, ...]:
    device = office.graph.add_device()
    return office.cost(office.change(set_attribute(device, "new")))


def by_known_object_id(office: Office) -> tuple[int, ...]:
    device = office.graph.add_device()
    office.known(set_attribute(device, "new"))
    return office.cost(office.change(set_attribute(device, "newer")))


def managed(office: Office) -> tuple[int, ...]:
    device = office.graph.add_managed_device()
    office.known(patch_managed(device, notes="new"))
    return office.cost(office.change(patch_managed(device, notes="newer")))


def user(office: Office) -> tuple[int, ...]:
    person = {"id": str(uuid.uuid4()), "userPrincipalName": f"{uuid.uuid4()}@contoso.example"}
    office.graph.call("POST", "/objects", {"users": [person]})
    target = {"userId": person["id"]}
    request = {"operation": "patchUser", "target": target, "set": {"department": "A"}}
    return office.cost(office.change(request))


def update(office: Office) -> tuple[int, ...]:
    device, secret = office.graph.add_managed_device(), f"hub-{uuid.uuid4()}"
    office.known(patch_managed(device, notes="new"))
    office.vault.set_secret(secret, "Hunter2-canary")
    account = {"userPrincipalName": "hub@contoso.example", "passwordSecret": {"name": secret}}
    return office.cost(office.change(update_account(device, account)))


def rotation(office: Office) -> tuple[int, ...]:
    room = Room.furnished(office.graph, office.vault, office.sluice)
    return office.cost(room.rotate)


def bulk_of(count: int) -> Callable[[Office], tuple[int, ...]]:
    """A bulk change of so many devices, without what its own turns cost: they go by the clock."""

    def bulk(office: Office) -> tuple[int, ...]:
        devices = add_devices(office.graph, count)
        targets = [{"deviceId": device["deviceId"]} for device in devices]
        request = bulk_request(devices) | {"targets": targets}
        office.meter.clear()
        change = accepted_bulk(office.sluice, request)
        office.queues.outcome(change)
        calls = office.meter.settled()
        turns = sum(f"'operation.{change}'" in each.where and each.what == "GET" for each in calls)
        others = [
            each
            for each in calls
            if change not in each.where or ("bulkresults" in each.where and each.what != "GET")
        ]
        graph, tables, vault, received, sent = trips(others)
        return graph, tables, vault, received - turns, sent - turns

    return bulk


def target_of_bulk(office: Office) -> tuple[int, ...]:
    # Some more or less are the turns' own, which count what has ended as it comes.
    some, more = bulk_of(2)(office), bulk_of(12)(office)
    return tuple(round((m - s) / 10) for s, m in zip(some, more, strict=True))


COSTS = {
    "`patchDevice` by `deviceId`, over HTTP": by_device_id,
    "the same on `intake`": on_intake,
    "the same by webhook": by_webhook,
    "the same when it is so already": unchanged,
    "the same as a dry run": dry_run,
    "the same as a target of a bulk change": target_of_bulk,
    "`patchDevice` by `id`, the first of its device": by_object_id,
    "`patchDevice` by `id`, later": by_known_object_id,
    "`patchManagedDevice`": managed,
    "`patchUser`": user,
    "`updateDeviceAccount`": update,
    "`rotateDeviceAccount`": rotation,
}


def budget() -> dict[str, tuple[int, ...]]:
    """The table of the document."""
    section = DOCUMENT.read_text().partition("## Round trips\n")[2].partition("\n## ")[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return {row[0]: tuple(map(int, row[1:])) for row in rows[2:]}


def test_the_document_tells_the_cost_of_every_kind_of_change() -> None:
    assert list(budget()) == list(COSTS)


@pytest.mark.parametrize("kind", COSTS)
def test_a_change_costs_just_the_round_trips_that_the_document_states(
    office: Office, kind: str
) -> None:
    assert COSTS[kind](office) == budget()[kind]


def test_a_warm_app_opens_no_connection_for_a_change(office: Office) -> None:
    opened = []
    for kind in (by_device_id, update, rotation):
        kind(office)
        opened += [call for call in office.meter.calls() if call.opens_connection]
    assert opened == []
