"""Health says whether changes can be accepted and carried out, and if not, why."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from impatience import IMPATIENT
from sluice_client import Sluice
from waiting import eventually

from local.up.blocking import BlockingStack, blocking_stack


@pytest.fixture(scope="module")
def own_stack() -> Iterator[BlockingStack]:
    """A stack of its own: these tests stop parts of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRAPH_ENDPOINT", raising=False)
        with blocking_stack(settings=IMPATIENT) as running:
            yield running


@pytest.fixture
def health(own_stack: BlockingStack) -> Iterator[httpx.Client]:
    with Sluice(own_stack.endpoints) as sluice:
        yield sluice.http


def found(http: httpx.Client) -> tuple[int, dict[str, Any]]:
    """The status, and the detail of each check that failed."""
    answer = http.get("/health/details")
    document = answer.json()
    assert document["status"] == ("ok" if answer.status_code == 200 else "unavailable")
    names = [check["name"] for check in document["checks"]]
    assert names == ["records", "queues", "identity", "webhooks", "policy", "vault", "permissions"]
    return answer.status_code, {
        check["name"]: check["detail"] for check in document["checks"] if not check["ok"]
    }


def test_all_is_well_while_everything_runs(health: httpx.Client) -> None:
    # On a busy machine the first checks of all answer too late: libraries are still being loaded.
    assert eventually(lambda: found(health) == (200, {}))


@pytest.mark.parametrize(
    ("part", "check"), [("tables", "records"), ("broker", "queues"), ("vault", "vault")]
)
def test_a_part_that_is_down_is_named_until_it_is_back(
    own_stack: BlockingStack, health: httpx.Client, part: str, check: str
) -> None:
    assert found(health) == (200, {})
    own_stack.stop(part)
    status, failed = found(health)
    own_stack.start(part)
    assert (status, list(failed)) == (503, [check])
    assert failed[check]
    assert found(health) == (200, {})


def test_a_token_that_is_still_good_is_good_enough(
    own_stack: BlockingStack, health: httpx.Client
) -> None:
    assert found(health) == (200, {})
    own_stack.stop("identity")
    still = found(health)
    own_stack.start("identity")
    assert still == (200, {})


def test_whoever_has_no_key_hears_what_is_wrong_and_not_why(
    own_stack: BlockingStack, health: httpx.Client
) -> None:
    key = health.headers.pop("x-functions-key")
    assert health.get("/health/details").status_code == 401
    well = health.get("/health")
    own_stack.stop("broker")
    health.headers["x-functions-key"] = key
    assert found(health)[0] == 503
    del health.headers["x-functions-key"]
    unwell = health.get("/health")
    own_stack.start("broker")
    names = ["records", "queues", "identity", "webhooks", "policy", "vault", "permissions"]
    assert (well.status_code, well.json()) == (
        200,
        {"status": "ok", "checks": [{"name": name, "ok": True} for name in names]},
    )
    assert (unwell.status_code, unwell.json()) == (
        503,
        {"status": "unavailable", "checks": [{"name": n, "ok": n != "queues"} for n in names]},
    )


def test_nothing_is_accepted_while_the_records_are_down_and_no_trace_is_shown(
    own_stack: BlockingStack, health: httpx.Client
) -> None:
    request = {"operation": "patchDevice", "target": {"id": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}}
    own_stack.stop("tables")
    refused = health.post("/changes", json=request)
    answers = [
        health.post("/changes", json=request | {"set": {"displayName": "x"}}),
        health.get("/changes/00000000-0000-0000-0000-000000000000"),
    ]
    own_stack.start("tables")
    assert refused.status_code == 422, "what is wrong with a request needs no records"
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["type"] == "urn:sluice:problem:unavailable"
        assert "Traceback" not in answer.text
