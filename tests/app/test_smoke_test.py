"""The smoke test of a deployment, on the local stack."""

import pytest
from smoking import smoke
from tenant_control import TenantControl

from local.up.blocking import BlockingStack

LONG_ENOUGH = "60"
"""Seconds: on a busy machine the first answer of all may come too late to be well."""


def test_a_sluice_that_works_passes(stack: BlockingStack, graph: TenantControl) -> None:
    device = graph.add_device()["deviceId"]
    code, said = smoke(
        stack.endpoints.http,
        SLUICE_KEY=stack.endpoints.function_key,
        SLUICE_DEVICE=device,
        SLUICE_PATIENCE=LONG_ENOUGH,
    )
    assert code == 0, said
    assert said.splitlines() == [
        "ok: it is ready",
        "ok: without every credential it answers 401",
        "ok: its identity has the permissions in Graph",
        "ok: it reads Graph: write",
    ]


def test_no_device_is_needed(stack: BlockingStack) -> None:
    code, said = smoke(stack.endpoints.http, SLUICE_KEY=stack.endpoints.function_key)
    assert code == 0, said
    assert "it reads Graph: graph-404" in said


def test_a_wrong_key_is_found_and_not_shown(stack: BlockingStack) -> None:
    code, said = smoke(stack.endpoints.http, SLUICE_KEY="wr0ng-key")
    assert code == 1
    assert "a dry run is answered 401" in said
    assert "wr0ng-key" not in said


def test_a_caller_who_needs_no_token_although_one_is_given_is_found(stack: BlockingStack) -> None:
    code, said = smoke(
        stack.endpoints.http, SLUICE_KEY=stack.endpoints.function_key, SLUICE_TOKEN="t0ken"
    )
    assert code == 1
    assert "whoever shows x-functions-key is answered 200 and not 401" in said
    assert "t0ken" not in said


def test_one_that_does_not_answer_is_found() -> None:
    code, said = smoke("http://127.0.0.1:1")
    assert code == 1
    assert "not ready after 0 s" in said


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://contoso.example"])
def test_keys_go_to_encrypted_addresses_only(url: str) -> None:
    assert smoke(url, SLUICE_KEY="k")[0] == 2
