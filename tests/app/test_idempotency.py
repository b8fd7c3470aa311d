"""A request that comes again is recognised; one that only looks like it is refused."""

import functools
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.functions.servicebus import ServiceBusMessage as BoundMessage
from azure.servicebus import ServiceBusMessage
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from functions.servicebus import received


def patch(device: dict[str, Any], name: str = "HUB-NEW", **more: Any) -> dict[str, Any]:
    return {
        "operation": "patchDevice",
        "target": {"id": device["id"]},
        "set": {"displayName": name, "accountEnabled": False},
        **more,
    }


@pytest.fixture
def key() -> str:
    return f"CHG-{uuid.uuid4()}"


@pytest.fixture
def device(graph: TenantControl) -> dict[str, Any]:
    return graph.add_device()


def test_the_same_key_and_request_is_the_same_change_however_it_is_written(
    sluice: Sluice, graph: TenantControl, key: str, device: dict[str, Any]
) -> None:
    request = patch(device)
    change = sluice.accepted(request, key=key)
    backwards = dict(reversed(request.items())) | {
        "set": dict(reversed(request["set"].items())),
        "target": {"id": device["id"].upper()},
    }
    escaped = json.dumps(request).replace("HUB", "\\u0048UB").encode()
    spellings = [request, json.dumps(request, indent=4).encode(), backwards, escaped]
    for again in spellings:
        answer = sluice.post(again, key=key)
        assert answer.status_code == 202
        assert (answer.json()["id"], answer.json()["repeated"]) == (change, True)
        assert answer.headers["Location"] == f"/api/changes/{change}"

    assert sluice.wait(change)["state"] == "verified"
    after = sluice.post(request, key=key).json()
    assert after == {"id": change, "state": "verified", "repeated": True}
    assert len(graph.effects(device["id"])) == 1


def test_without_a_key_every_request_is_a_change(sluice: Sluice, device: dict[str, Any]) -> None:
    first, second = (sluice.accepted(patch(device)) for _ in range(2))
    assert first != second
    assert {sluice.wait(first)["state"], sluice.wait(second)["state"]} == {"verified", "unchanged"}


@pytest.mark.parametrize(
    "other",
    [
        {"set": {"displayName": "HUB-OTHER"}},
        {"reason": "another"},
        {"target": {"id": str(uuid.uuid4())}},
        {"notAfter": "2099-01-01T00:00:00Z"},
    ],
)
def test_a_key_that_was_used_for_another_request_is_refused(
    sluice: Sluice,
    graph: TenantControl,
    key: str,
    device: dict[str, Any],
    other: dict[str, Any],
) -> None:
    change = sluice.accepted(patch(device), key=key)
    answer = sluice.post(patch(device) | other, key=key)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:sluice:problem:key-reused"
    assert key not in answer.text
    assert sluice.wait(change)["after"]["displayName"] == "HUB-NEW"
    assert len(graph.effects(device["id"])) == 1


def test_a_request_that_was_refused_does_not_use_up_its_key(
    sluice: Sluice, key: str, device: dict[str, Any]
) -> None:
    assert sluice.post(patch(device, extra=1), key=key).status_code == 422
    answer = sluice.post(patch(device), key=key)
    assert (answer.status_code, answer.json()["repeated"]) == (202, False)


def test_many_at_once_with_one_key_make_one_change(
    sluice: Sluice, graph: TenantControl, key: str, device: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: sluice.post(patch(device), key=key), range(32)))
    assert {answer.status_code for answer in answers} == {202}
    [change] = {answer.json()["id"] for answer in answers}
    assert [answer.json()["repeated"] for answer in answers].count(False) == 1
    assert sluice.wait(change)["state"] == "verified"
    assert len(graph.journal(device["id"], "PATCH")) == 1


def test_a_request_repeated_after_its_window_finds_its_change(
    sluice: Sluice, key: str, device: dict[str, Any]
) -> None:
    closes = datetime.now(UTC) + timedelta(seconds=1)
    request = patch(device, notAfter=closes.isoformat())
    change = sluice.accepted(request, key=key)
    eventually(lambda: datetime.now(UTC) > closes)
    answer = sluice.post(request, key=key)
    assert (answer.status_code, answer.json()["id"]) == (202, change)


def test_a_message_sent_twice_has_one_effect(
    sluice: Sluice, graph: TenantControl, queues: Queues, device: dict[str, Any]
) -> None:
    message_id = queues.send_intake(patch(device))
    queues.send_intake(patch(device), message_id=message_id)
    outcome = queues.outcome(message_id)
    assert outcome["state"] == "verified"
    queues.send_intake(patch(device), message_id=message_id)
    # Whatever is sent to the device's lane now comes behind the messages before it.
    assert sluice.wait(sluice.accepted(patch(device)))["state"] == "unchanged"
    assert len(graph.journal(device["id"], "PATCH")) == 1
    assert len(queues.outcomes(message_id)) == 1


def test_a_message_id_used_for_another_request_is_dead_and_the_first_is_untouched(
    sluice: Sluice, graph: TenantControl, queues: Queues, device: dict[str, Any]
) -> None:
    message_id = queues.send_intake(patch(device))
    first = queues.outcome(message_id)
    queues.send_intake(patch(device, "HUB-OTHER"), message_id=message_id)
    queues.dead_letter("intake", message_id)
    second = queues.outcomes(message_id)[-1]
    assert second["failure"]["code"] == "key-reused"
    change = sluice.get(first["id"])
    assert (change["state"], change["after"]["displayName"]) == ("verified", "HUB-NEW")
    assert graph.stored("devices", device["id"])["displayName"] == "HUB-NEW"


def test_a_repeat_while_the_change_is_under_way_changes_nothing(
    sluice: Sluice, graph: TenantControl, queues: Queues, key: str, device: dict[str, Any]
) -> None:
    graph.fault(device["id"], method="PATCH", delaySeconds=1.5)
    change = sluice.accepted(patch(device), key=key)
    sluice.wait(change, "applying")
    assert sluice.accepted(patch(device), key=key) == change
    lane = sluice.get(change)["lane"]
    for _ in range(3):
        body = json.dumps({"operation": change, "turn": 0})
        message_id = str(uuid.uuid4())
        queues.send("changes", ServiceBusMessage(body, session_id=lane, message_id=message_id))
    assert sluice.wait(change)["state"] == "verified"
    # Behind all of those in the lane.
    assert sluice.wait(sluice.accepted(patch(device)))["state"] == "unchanged"
    assert len(graph.journal(device["id"], "PATCH")) == 1
    assert [step["state"] for step in sluice.get(change)["timeline"]].count("applying") == 1
    assert len(queues.outcomes(change)) == 1


def test_a_nudge_in_another_lane_does_not_overlap_with_the_change_under_way(
    sluice: Sluice, graph: TenantControl, queues: Queues, device: dict[str, Any]
) -> None:
    graph.fault(device["id"], method="PATCH", delaySeconds=1.5)
    change = sluice.accepted(patch(device))
    lane = sluice.wait(change, "applying")["lane"]
    other = "directory-00" if lane != "directory-00" else "directory-01"
    body = json.dumps({"operation": change, "turn": 0})
    queues.send("changes", ServiceBusMessage(body, session_id=other, message_id=str(uuid.uuid4())))
    assert sluice.wait(change)["state"] == "verified"
    assert len(graph.journal(device["id"], "PATCH")) == 1


def test_one_key_means_another_change_in_each_way_in(
    sluice: Sluice, graph: TenantControl, queues: Queues, key: str, device: dict[str, Any]
) -> None:
    change = sluice.accepted(patch(device), key=key)
    assert sluice.wait(change)["state"] == "verified"
    queues.send_intake(patch(device, "HUB-OTHER"), message_id=key)
    eventually(lambda: len(queues.outcomes(key)) == 2, what="an outcome of each")
    assert {outcome["source"] for outcome in queues.outcomes(key)} == {"http", "intake"}
    assert graph.stored("devices", device["id"])["displayName"] == "HUB-OTHER"


@pytest.mark.parametrize("message_id", ["", None])
def test_a_message_without_an_id_is_known_by_its_place_in_the_queue(
    message_id: str | None,
) -> None:
    # The local broker gives every message an id, so only the binding can show one without.
    bound = functools.partial(
        BoundMessage,
        body=b"{}",
        message_id=message_id,
        application_properties={},
        user_properties={},
    )
    first, second = (received("intake", bound(sequence_number=number)) for number in (7, 8))
    assert (first.id, second.id) == ("sequence-7", "sequence-8")
