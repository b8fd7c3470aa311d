"""Every malformed message ends in the real dead-letter queue, with its reason on record."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from malformed import (
    DOCUMENTS,
    LARGEST,
    MANAGED,
    MEMBERS,
    PASSWORDS,
    PATCH,
    SECRET,
    Malformed,
    padded,
)
from queues import Queues
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack

ROOT = Path(__file__).parents[2]
SENT = [*DOCUMENTS, *PASSWORDS, *MEMBERS[::12]]
"""Five deliveries each take their time; a sample of the members shows that the gate is the same."""
NOT_KEPT = {bad.name for bad in PASSWORDS} | {"invalid UTF-8", "UTF-16", "compressed"}
"""Bodies that name a password, and those that cannot be searched for one."""


def dead_letters(stack: BlockingStack) -> dict[str, dict[str, Any]]:
    """What the operator's command lists, by message id."""
    command = [sys.executable, "-m", "cli", "--settings", str(stack.endpoints.settings)]
    listed = subprocess.run(
        [*command, "dead-letters", "list", "--queue", "intake", "--json"],
        cwd=ROOT,
        env={**os.environ, "SLUICE_IDENTITY": "managed"},
        capture_output=True,
        text=True,
        check=True,
    )
    letters = [json.loads(line) for line in listed.stdout.splitlines()]
    assert SECRET not in listed.stdout
    return {letter["messageId"]: letter for letter in letters}


@pytest.fixture(scope="module")
def refused(stack: BlockingStack, queues: Queues) -> dict[str, str]:
    """The message id of every malformed body, sent at once; all of them are dead by now."""
    ids = {bad.name: queues.send_intake(bad.body) for bad in SENT}
    wanted = set(ids.values())
    eventually(
        lambda: wanted <= {each.message_id for each in queues.peek("intake", dead=True)},
        within=60,
        what="all malformed messages in the dead-letter queue",
    )
    return ids


@pytest.fixture(scope="module")
def letters(stack: BlockingStack, refused: dict[str, str]) -> dict[str, dict[str, Any]]:
    return dead_letters(stack)


@pytest.fixture(scope="module")
def bodies(queues: Queues, refused: dict[str, str]) -> dict[str, bytes]:
    return {each.message_id: b"".join(each.body) for each in queues.peek("intake", dead=True)}


@pytest.mark.parametrize("bad", SENT, ids=lambda bad: bad.name)
def test_a_malformed_message_is_dead_with_the_reason_it_has_over_http(
    sluice: Sluice,
    refused: dict[str, str],
    letters: dict[str, dict[str, Any]],
    bodies: dict[str, bytes],
    bad: Malformed,
) -> None:
    first = sluice.post(bad.body).json()["errors"][0]
    letter = letters[refused[bad.name]]
    assert letter["code"] == first["code"]
    assert letter["detail"] == f"{first['pointer']} {first['detail']}".strip()
    assert letter["id"] == letter["messageId"]
    if bad.name in NOT_KEPT:
        assert bodies[refused[bad.name]] == b"{}"


def test_whoever_sent_a_malformed_message_is_told_why(
    queues: Queues, refused: dict[str, str]
) -> None:
    message_id = refused["[] at the top"]
    outcome = queues.outcome(message_id)
    assert (outcome["id"], outcome["state"], outcome["key"]) == (None, "failed", message_id)
    assert outcome["failure"]["code"] == "wrong-type"
    assert [problem["pointer"] for problem in outcome["problems"]] == [""]
    assert len(queues.outcomes(message_id)) == 1, "five deliveries, one outcome"


def test_a_malformed_message_is_kept_as_it_came_unless_it_names_a_password(
    refused: dict[str, str], bodies: dict[str, bytes]
) -> None:
    kept = [bad for bad in SENT if bodies[refused[bad.name]] == bad.body]
    speaks_of_one = {bad.name for bad in SENT if b"passwordSecret" in bad.body}
    assert {bad.name for bad in SENT} - {bad.name for bad in kept} == NOT_KEPT | speaks_of_one


def test_faults_beyond_number_are_told_in_part(stack: BlockingStack, queues: Queues) -> None:
    message_id = queues.send_intake(MANAGED | {f"m{n}": n for n in range(2000)})
    queues.dead_letter("intake", message_id)
    assert dead_letters(stack)[message_id]["code"] == "unknown-member"
    assert len(queues.outcome(message_id)["problems"]) == 20


def test_a_message_of_exactly_the_largest_size_is_accepted(
    sluice: Sluice, queues: Queues, graph: TenantControl
) -> None:
    device = graph.add_device(displayName=SECRET)
    body = padded(LARGEST).replace(
        PATCH["target"]["deviceId"].encode(), device["deviceId"].encode()
    )
    assert queues.outcome(queues.send_intake(body))["state"] == "unchanged"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=utf-8"])
def test_the_media_type_of_a_message_does_not_matter(
    queues: Queues, graph: TenantControl, content_type: str | None
) -> None:
    target = {"deviceId": graph.add_device(displayName=SECRET)["deviceId"]}
    message_id = queues.send_intake(PATCH | {"target": target}, content_type=content_type)
    assert queues.outcome(message_id)["state"] == "unchanged"


def test_a_message_that_says_it_was_refused_is_only_dead_lettered(
    queues: Queues, graph: TenantControl
) -> None:
    device = graph.add_device()
    body = PATCH | {"target": {"deviceId": device["deviceId"]}}
    message_id = queues.send_intake(body, properties={"SluiceRefused": "anything"})
    queues.dead_letter("intake", message_id)
    assert graph.journal(device["deviceId"]) == []
