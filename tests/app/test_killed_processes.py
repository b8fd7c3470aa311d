"""Kill -9 of any part in mid-run: every accepted change ends, each is applied exactly once.

The record-then-send protocol has no safe moment to rely on, so the kills come at any.
"""

import uuid
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from asking import patch_managed, set_attribute
from impatience import IMPATIENT
from sluice_client import Sluice
from tenant_control import TenantControl
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack

pytestmark = pytest.mark.timeout(240)

BETWEEN = 8
"""So many changes are asked for before each time that something is killed."""


@pytest.fixture(scope="module")
def killable() -> Iterator[BlockingStack]:
    """A stack of its own, whose parts the tests kill."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=IMPATIENT) as running:
            yield running


def accepted(sluice: Sluice, body: dict[str, Any]) -> str:
    """Ask with a key until there is an answer, as every caller should."""
    key = str(uuid.uuid4())

    def answer() -> str | None:
        try:
            response = sluice.post(body, key=key)
        except httpx.TransportError:
            return None
        return response.json()["id"] if response.status_code == 202 else None

    return eventually(answer, within=60, what=f"202 for {key}")


def ended(sluice: Sluice, change: str) -> dict[str, Any]:
    """The change, once it has ended, whatever dies meanwhile."""

    def look() -> dict[str, Any] | None:
        try:
            response = sluice.http.get(f"/changes/{change}")
        except httpx.TransportError:
            return None
        document: dict[str, Any] = response.json() if response.status_code == 200 else {}
        return document if document.get("state") in {"verified", "failed"} else None

    return eventually(look, within=120, what=f"the end of {change}")


@pytest.mark.parametrize(
    ("victims", "times"),
    [
        pytest.param(("host", "broker"), 2, id="host+broker"),
        pytest.param(("host", "broker"), 6, id="host+broker often", marks=pytest.mark.slow),
        pytest.param(("host",), 3, id="host", marks=pytest.mark.slow),
        pytest.param(("broker",), 3, id="broker", marks=pytest.mark.slow),
    ],
)
def test_every_change_ends_once_whoever_is_killed(
    killable: BlockingStack, victims: tuple[str, ...], times: int
) -> None:
    with Sluice(killable.endpoints) as sluice, TenantControl(killable.endpoints) as graph:
        entra = [graph.add_device() for _ in range(4)]
        managed = [graph.add_managed_device(azureADDeviceId=each["deviceId"]) for each in entra]
        graph.fault("device", method="PATCH", times=None, delaySeconds=0.15)
        asked: dict[str, list[str]] = {}
        changes = []
        for number in range(BETWEEN * times):
            value, device = f"value {number}", number % 4
            by_directory = number % 8 < 4
            request = (
                set_attribute(entra[device], value)
                if by_directory
                else patch_managed(managed[device], notes=value)
            )
            asked.setdefault((entra if by_directory else managed)[device]["id"], []).append(value)
            changes.append(accepted(sluice, request))
            if number % BETWEEN == BETWEEN - 1:
                for victim in victims:
                    killable.kill(victim)
        assert {ended(sluice, change)["state"] for change in changes} == {"verified"}
        for identity, values in asked.items():
            assert written(graph.effects(identity)) == values
        for one, other in zip(entra, managed, strict=True):
            writes = graph.journal(one["id"], "PATCH") + graph.journal(other["id"], "PATCH")
            assert_no_overlap(sorted(writes, key=lambda entry: float(entry["at"])))


def test_every_change_ends_once_when_the_records_go_away(killable: BlockingStack) -> None:
    with Sluice(killable.endpoints) as sluice, TenantControl(killable.endpoints) as graph:
        device = graph.add_device()
        graph.fault("device", method="PATCH", times=None, delaySeconds=0.15)
        values = [f"value {number}" for number in range(8)]
        changes = [accepted(sluice, set_attribute(device, each)) for each in values]
        # In the orderly way: a kill -9 of the emulator loses what it had already answered for,
        # which Azure's tables do not.
        killable.stop("tables")
        unready = "503 from /health"
        eventually(lambda: sluice.http.get("/health").status_code == 503, what=unready)
        killable.start("tables")
        assert {ended(sluice, change)["state"] for change in changes} == {"verified"}
        assert written(graph.effects(device["id"])) == values


def written(effects: list[dict[str, Any]]) -> list[str]:
    return [
        entry["body"].get("notes") or entry["body"]["extensionAttributes"]["extensionAttribute1"]
        for entry in effects
    ]


def assert_no_overlap(entries: list[dict[str, Any]]) -> None:
    for one, other in pairwise(entries):
        # A killed host hangs up: the stand-in finishes its answer to nobody.
        assert one["finishedAt"] is not None
        assert one["finishedAt"] <= other["at"]
