"""What the policy says to a bulk change when it is asked for is what it says to each target."""

import json
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from simulation.boundary import Boundary
from simulation.policy import ALLOWS_ALL, Policing
from simulation.scripts import devices
from simulation.tenant import Tenant
from simulation.world import Ask, World

from shared.bulk.accept import BulkIntake
from shared.bulk.request import MOST_TARGETS, BulkRequest, read_bulk_request
from shared.changes.problems import RequestRefused
from shared.changes.states import State

HUBS = devices(4)


def asked(ids: list[str], **members: Any) -> BulkRequest:
    request = {
        "operation": "patchDevice",
        "set": {"extensionAttributes": {"extensionAttribute1": "bulk"}},
        "targets": [{"deviceId": each} for each in ids],
        **members,
    }
    return read_bulk_request(json.dumps(request).encode())


def world_of(document: Mapping[str, Any], request: BulkRequest) -> World:
    boundary = Boundary()

    async def ask(world: World) -> None:
        await BulkIntake(world.bulk.intake, world.bulk.targets).take(request, key="bulk")

    policing = Policing(boundary, ALLOWS_ALL | document)
    return World(boundary, Tenant(boundary, devices(4)), [Ask(ask)], policing=policing)


def refusal(document: Mapping[str, Any], request: BulkRequest) -> RequestRefused:
    world = world_of(document, request)
    with pytest.raises(RequestRefused) as refused:
        BulkIntake(world.bulk.intake, world.bulk.targets).examine(request)
    return refused.value


def protecting(*ids: str) -> dict[str, Any]:
    return {"protected": [{"name": "boardrooms", "devices": [*ids], "decision": "deny"}]}


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_target_that_the_policy_denies_is_refused_and_named_wherever_it_stands(
    place: int,
) -> None:
    ids = [hub.device_id for hub in HUBS]
    refused = refusal(protecting(ids[place]), asked(ids))
    assert refused.status == 403
    assert [(each.code, each.pointer) for each in refused.problems] == [
        ("targets-refused", "/targets"),
        ("policy-denied", f"/targets/{place}"),
    ]
    summary, fault = refused.problems
    assert ("1 of 4" in summary.detail, "(boardrooms)" in fault.detail) == (True, True)


async def test_nothing_is_recorded_of_a_bulk_change_with_a_denied_target() -> None:
    world = world_of(protecting(HUBS[2].device_id), asked([hub.device_id for hub in HUBS]))
    await world.run()
    assert (world.operations.all(), world.boundary.names) == ([], ["operations.get"])


async def test_a_rule_for_changes_with_a_ticket_fits_the_targets_of_a_bulk_change_with_one() -> (
    None
):
    rule = {"name": "named", "sources": ["bulk"], "ticket": "named", "decision": "allow"}
    ids = [hub.device_id for hub in HUBS]
    ticket = {"source": "jira", "id": "10001"}
    world = await world_of({"rules": [rule]}, asked(ids, ticket=ticket)).run()
    assert {each.state for each in world.operations.all()} == {State.VERIFIED}
    told = [json.loads(message.body) for message in world.broker.outcomes]
    assert [each["operation"] for each in told if each["ticket"]] == ["bulk"]
    assert refusal({"rules": [rule]}, asked(ids)).first.code == "targets-refused"


def test_ten_thousand_targets_are_held_against_the_policy_while_the_caller_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(MOST_TARGETS)]
    patterns = [f"HUB-{number}-*" for number in range(200)]
    request = asked(ids)
    began = time.process_time()
    refused = refusal(protecting(*patterns, "*-0000-*"), request)
    took = time.process_time() - began
    assert (len(refused.problems), "10000 of 10000" in refused.first.detail) == (20, True)
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert took < 3  # seconds; one pattern after the other takes longer
