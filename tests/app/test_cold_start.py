"""What a process loads, and when: importing the app nothing, each invocation what it needs."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.keyvault.secrets import SecretClient
from senders import SECRETS, signed
from test_webhooks import item

from local.up.blocking import BlockingStack

ROOT = Path(__file__).parents[2]

GRAPH = {"msgraph", "msgraph_core", "kiota_abstractions", "kiota_http", "httpx", "httpcore", "h2"}
HEAVY = GRAPH | {"azure.core", "azure.data", "azure.identity", "azure.servicebus", "azure.keyvault"}
HEAVY |= {"pydantic", "yaml", "jmespath", "aiohttp", "cryptography", "msal", "opentelemetry"}

NOWHERE = {
    "ServiceBus": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=x;SharedAccessKey=eA==;"
    "UseDevelopmentEmulator=true;",
    "Records": "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1:1",
    "KEY_VAULT_URL": "https://127.0.0.1:1",
    "GRAPH_ENDPOINT": "http://127.0.0.1:1",
    "IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token",
    "IDENTITY_HEADER": "x",
}


def process(settings: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    body = json.dumps(item())
    sent = {"Content-Type": "application/json"}
    sent |= signed("servicenow", body.encode(), datetime.now(UTC))
    headers = {name.lower(): value for name, value in sent.items()}
    return subprocess.run(
        [sys.executable, str(Path(__file__).parent / "cold_process.py"), *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
        input=json.dumps({"headers": headers, "body": body}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def loaded(settings: Mapping[str, str], *arguments: str) -> list[set[str]]:
    """What each step loaded: before the app, importing it, and then those of the arguments."""
    done = process(settings, *arguments)
    assert done.returncode == 0, done.stderr
    results = [set(names) for names in json.loads(done.stdout)]
    return [results[0]] + [now - before for before, now in itertools.pairwise(results)]


def heavy(modules: set[str]) -> set[str]:
    """Which of the libraries are among them."""
    return {name for name in HEAVY if name in modules}


@pytest.fixture(scope="module")
def settings(stack: BlockingStack, vault: SecretClient) -> dict[str, str]:
    for name, value in SECRETS.items():
        vault.set_secret(name, value)
    values = dict(json.loads(stack.endpoints.settings.read_text())["Values"])
    # Its libraries are loaded behind the first invocation, whatever that was.
    del values["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    return values


OWN = """
function_app functions functions.actions functions.brake functions.bulk_changes functions.changes
functions.device_accounts functions.health functions.http functions.intake functions.observing
functions.openapi functions.outcomes functions.processing functions.requests functions.resend
functions.rotation functions.servicebus functions.webhooks
shared shared.access shared.access.roles shared.changes shared.changes.problems shared.clock
shared.composition shared.composition.bulks shared.composition.policies
shared.composition.processing shared.composition.readiness shared.composition.rotations
shared.composition.services shared.composition.stores shared.composition.warming
shared.composition.ways_in shared.faults shared.telemetry shared.telemetry.line
shared.telemetry.measurement shared.telemetry.outbox shared.telemetry.span
shared.telemetry.trace_context shared.telemetry.tracing shared.webhooks shared.webhooks.composition
"""
"""All that importing the app loads of it. What is not here is imported by who uses it, late."""


def test_importing_the_app_loads_these_modules_of_its_own_and_no_library() -> None:
    _, app = loaded({}, "alone")
    own = {name for name in app if name.split(".")[0] in ("function_app", "functions", "shared")}
    assert own == set(OWN.split())
    assert {name.split(".")[0] for name in app - own} <= sys.stdlib_module_names


BOTH = {"aiohttp", "azure.core", "azure.data", "azure.servicebus", "pydantic", "yaml"}
IDENTITY = {"azure.identity", "cryptography", "msal"}  # the latter two are the former's own


@pytest.mark.parametrize(
    ("step", "libraries"),
    [
        ("webhook", BOTH | IDENTITY | {"azure.keyvault", "jmespath"}),
        ("changes", BOTH | IDENTITY | GRAPH | {"azure.keyvault", "opentelemetry"}),
        ("resend", BOTH),
        ("rotate", BOTH | IDENTITY),
        ("reconcile", BOTH | IDENTITY | GRAPH | {"azure.keyvault", "opentelemetry"}),
    ],
)
def test_an_invocation_loads_what_it_needs(
    step: str, libraries: set[str], settings: dict[str, str]
) -> None:
    *_, invocation = loaded(settings, "alone", step)
    assert heavy(invocation) == libraries


def test_an_idle_worker_gets_everything_ready(settings: dict[str, str]) -> None:
    _, _, _, webhook, changes = loaded(settings, "worker", "warmed", "webhook", "changes")
    assert webhook <= {
        *("_strptime", "email.generator", "encodings.utf_16_le"),
        "shared.telemetry.background",
    }
    assert not changes


def test_while_the_thread_loads_libraries_the_loop_loads_none(settings: dict[str, str]) -> None:
    done = process(settings, "worker", "watched")
    assert done.returncode == 0, done.stderr
    on_the_loop = {name.split(".")[0] for name in json.loads(done.stdout)[2]}
    assert on_the_loop <= sys.stdlib_module_names


def test_a_worker_that_has_work_loads_nothing_more_ahead_of_it(settings: dict[str, str]) -> None:
    _, app, work, webhook = loaded(settings, "worker", "work", "webhook")
    assert heavy(app | work) == BOTH
    assert not heavy(webhook) & GRAPH


@pytest.mark.parametrize("settings", [{}, NOWHERE], ids=["no settings", "nothing there"])
def test_what_cannot_be_got_ready_keeps_nothing_from_its_work(settings: dict[str, str]) -> None:
    done = process(settings, "worker", "warmed", "work")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_ends_while_it_gets_ready(settings: dict[str, str]) -> None:
    done = process(settings, "worker")
    assert (done.returncode, done.stderr) == (0, "")
