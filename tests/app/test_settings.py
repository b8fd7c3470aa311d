"""Settings are read strictly, and a process without them says so instead of failing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.processing.patience import Patience
from shared.settings import LOCK, Settings, SettingsError

ROOT = Path(__file__).parents[2]
LEAST = {
    "ServiceBus__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
    "Records__tableServiceUri": "https://contoso.table.core.windows.net",
    "KEY_VAULT_URL": "https://contoso.vault.azure.net",
}


def test_the_least_that_azure_sets_is_enough_and_reaches_everything_by_identity() -> None:
    settings = Settings.read(LEAST)
    assert settings.service_bus.by_identity
    assert settings.records.by_identity
    assert (settings.graph_root, settings.graph_audience) == ("https://graph.microsoft.com",) * 2
    assert (settings.lanes, settings.identity, settings.client_id) == (16, "managed", None)


def test_a_connection_string_goes_before_an_endpoint_and_is_not_shown() -> None:
    settings = Settings.read(LEAST | {"ServiceBus": "Endpoint=sb://x;SharedAccessKey=K3y"})
    assert not settings.service_bus.by_identity
    assert "K3y" not in repr(settings)


@pytest.mark.parametrize("name", LEAST)
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.read({key: value for key, value in LEAST.items() if key != name})


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({"LANES": "0", "MAX_ATTEMPTS": "x", "SLUICE_IDENTITY": "root"})
    for name in ("ServiceBus", "Records", "KEY_VAULT_URL", "LANES", "MAX_ATTEMPTS", "IDENTITY"):
        assert name in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("LANES", value) for value in ("0", "129", "-1", "x", "nan", "inf", "1,2", "1.5")),
        *(("MAX_ATTEMPTS", value) for value in ("0", "x", "2.5")),
        *(("READ_BACK_SECONDS", value) for value in ("x", "1,x", "-1", ",", "1,,2", "nan", "1e9")),
        *(("CLAIM_SECONDS", value) for value in ("0", "60.5", "86400")),
        ("RESEND_AFTER_SECONDS", "-1"),
        ("RESEND_AFTER_SECONDS", "1,2"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_without_repeating_it(
    name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"^{name} takes"):
        Settings.read(LEAST | {name: value})


def test_nobody_is_longer_at_a_change_than_the_lock_of_a_message_lasts() -> None:
    queues = (ROOT / "infra" / "queues.bicep").read_text()
    assert set(re.findall(r"lock: '(\w+)'", queues)) == {f"PT{LOCK / 60:.0f}M"}
    assert Settings.read(LEAST | {"CLAIM_SECONDS": f"{LOCK}"}).patience.claim == LOCK
    assert Patience().claim <= LOCK


def test_lists_of_seconds_are_read_in_order() -> None:
    patience = Settings.read(LEAST | {"READ_BACK_SECONDS": "0.5, 2,60"}).patience
    assert patience.read_back == (0.5, 2.0, 60.0)


@pytest.mark.parametrize(
    ("root", "audience"),
    [
        ("https://graph.microsoft.com/v1.0/", "https://graph.microsoft.com"),
        ("http://127.0.0.1:7100", "https://graph.microsoft.com"),
    ],
)
def test_a_gateway_takes_the_tokens_of_the_real_graph(root: str, audience: str) -> None:
    settings = Settings.read(LEAST | {"GRAPH_ENDPOINT": root})
    assert settings.graph_audience == audience
    assert settings.graph_root == root.removesuffix("/v1.0/")


ASK = """
import asyncio, json, azure.functions as func
from functions.changes import post_change
from functions.health import get_health_details
request = func.HttpRequest(
    method="POST", url="/api/x", body=json.dumps({
        "operation": "patchDevice",
        "target": {"deviceId": "6a59ea83-02bd-468f-a40b-f2c3d1821983"},
        "set": {"displayName": "x"},
    }).encode(),
    headers={"content-type": "application/json"},
)
async def ask():
    for function in (get_health_details, post_change):
        answer = await function.build().get_user_function()(request)
        print(answer.status_code, answer.get_body().decode())
asyncio.run(ask())
"""


def answers(**environment: str) -> list[tuple[int, dict[str, Any]]]:
    """What health and a POST answer in a process with nothing else in its environment."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.partition(" ") for line in process.stdout.splitlines()]
    return [(int(status), json.loads(body)) for status, _, body in lines]


def test_without_settings_health_says_which_and_nothing_is_accepted() -> None:
    health, post = answers()
    [check] = health[1]["checks"]
    assert (health[0], check["name"], check["ok"]) == (503, "settings", False)
    for name in ("ServiceBus", "Records", "KEY_VAULT_URL"):
        assert name in check["detail"]
    assert (post[0], post[1]["type"]) == (503, "urn:sluice:problem:unavailable")


def test_connections_and_an_identity_that_are_none_are_findings_and_not_shown() -> None:
    health, _ = answers(
        ServiceBus="K3y-nonsense",
        Records="K3y-nonsense",
        KEY_VAULT_URL="https://x.example",
        IDENTITY_ENDPOINT="http://127.0.0.1:1/msi/token",
        IDENTITY_HEADER="x",
    )
    assert health[0] == 503
    names = [check["name"] for check in health[1]["checks"]]
    assert names == ["records", "queues", "identity", "webhooks", "policy", "vault"]
    for check in health[1]["checks"]:
        if check["name"] in ("webhooks", "policy"):  # files, not services
            continue
        assert (check["ok"], bool(check["detail"])) == (False, True)
    assert "K3y" not in json.dumps(health[1])
