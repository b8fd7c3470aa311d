"""What the app asks for, what infra/ gives, what the docs tell, what a developer's machine has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from app import settings_in_triggers, settings_that_are_read, triggers

from cli.__main__ import QUEUES
from local.host.servicebus.connection import Connection
from local.host.settings import Settings as HostSettings
from local.up.settings import app_settings
from scripts import emulator
from scripts.bicep import Infra
from shared.policy.offer import EVERY_OPERATION
from shared.settings import Settings

ROOT = Path(__file__).parents[2]

OF_THE_HOST = re.compile(
    r"AzureWebJobsStorage(__\w+)?|APPLICATIONINSIGHTS_\w+|\w+__(credential|clientId)"
    r"|FUNCTIONS_WORKER_RUNTIME|AzureFunctionsJobHost__\w+|AzureWebJobs\.\w+\.Disabled"
)
"""Read by the Functions host or by Microsoft's libraries, not by the app."""

OF_ONE_MACHINE = {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "SSL_CERT_FILE"}
"""Azure itself provides these."""

OF_THE_COMMAND = {"SLUICE_IDENTITY"}
"""For the operator's command; the app in Azure is always the managed identity."""


@pytest.fixture(scope="module")
def queues() -> list[dict[str, Any]]:
    return emulator.queues()


@pytest.fixture(scope="module")
def required(infra: Infra) -> dict[str, Any]:
    settings = infra.files["modules/functionapp.bicep"].one("var", "required").value
    assert isinstance(settings, dict)
    return settings


@pytest.fixture(scope="module")
def optional(infra: Infra) -> dict[str, Any]:
    settings = infra.files["settings.bicep"].one("type", "settings").value
    assert isinstance(settings, dict)
    return settings


def connection_strings() -> set[str]:
    """The settings that hold a key: NAME, where NAME__<endpoint> is read as well."""
    read = settings_that_are_read()
    return {name.partition("__")[0] for name in read if "__" in name}


def test_the_queues_of_azure_are_those_that_the_app_takes_from_and_sends_to(
    queues: list[dict[str, Any]],
) -> None:
    taken = {
        each.binding["queueName"]: bool(each.binding.get("isSessionsEnabled"))
        for each in triggers()
        if each.type == "serviceBusTrigger"
    }
    assert {queue["name"] for queue in queues} == set(QUEUES), "infra/queues.bicep or the app"
    received = {queue["name"]: queue["sessions"] for queue in queues if queue["received"]}
    assert received == taken, "`received` and `sessions` in infra/queues.bicep, or the triggers"


def test_the_queues_of_a_developer_are_those_of_azure() -> None:
    assert emulator.CONFIG.read_text() == emulator.config(), "run: python -m scripts.emulator"


def test_rights_alerts_and_namespace_are_made_of_the_same_queues(infra: Infra) -> None:
    root = infra.files["resources.bicep"]
    assert "import { queues } from 'queues.bicep'" in root.text
    for module in ("access", "alerts", "serviceBus"):
        assert root.one("module", module).at("params.queues") == "queues"
    for file, resource in (
        ("modules/alerts.bicep", "deadLetters"),
        ("modules/alerts.bicep", "backlog"),
        ("modules/access.bicep", "sends"),
        ("modules/access.bicep", "receives"),
        ("modules/servicebus.bicep", "entity"),
    ):
        assert infra.files[file].one("resource", resource).loops_over == "queues"


def test_azure_gives_every_setting_that_the_app_reads(
    required: dict[str, Any], optional: dict[str, Any]
) -> None:
    read = settings_that_are_read() - connection_strings() - OF_THE_COMMAND
    missing = read - set(required) - set(optional)
    assert not missing, (
        f"{missing}: add them to `required` in infra/modules/functionapp.bicep when they have no"
        " default or follow from the resources, else to `settings` in infra/settings.bicep"
    )


def test_azure_gives_no_setting_that_nobody_reads(
    required: dict[str, Any], optional: dict[str, Any]
) -> None:
    unread = set(required) | set(optional)
    unread -= {name for name in unread if OF_THE_HOST.fullmatch(name)}
    assert not unread - settings_that_are_read(), "take them out of infra/"


def test_what_azure_always_sets_is_enough_for_the_app_to_start(required: dict[str, Any]) -> None:
    given = {
        "ServiceBus__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
        "Records__tableServiceUri": "https://contoso.table.core.windows.net/",
        "KEY_VAULT_URL": "https://contoso.vault.azure.net/",
        "CLOUD": "global",
        "CALLER_ROLES": "true",
    }
    values = {name: given.get(name, str(value)) for name, value in required.items()}
    settings = Settings.read(values)
    assert settings.service_bus.by_identity
    assert settings.records.by_identity
    lacking = settings_in_triggers() - set(required)
    assert not lacking, f"triggers need {lacking}: add to `required` in functionapp.bicep"


def test_the_host_takes_the_connection_as_azure_names_it(required: dict[str, Any]) -> None:
    connection = Connection.from_settings("ServiceBus", HostSettings(required))
    assert connection == Connection(None, "serviceBusHost", "clientId")


def test_only_minting_passwords_takes_the_right_to_write_secrets(infra: Infra) -> None:
    condition = str(infra.files["resources.bicep"].one("var", "writesSecrets").value)
    assert set(re.findall(r"'(\w{4,})'", condition)) == {"rotateDeviceAccount"}
    # As the app reads the setting: one that is missing or empty enables everything.
    assert condition.startswith("empty(options.?OPERATIONS) || ")
    assert "rotateDeviceAccount" in EVERY_OPERATION


def test_azure_names_the_clouds_as_the_app_does(infra: Infra) -> None:
    clouds = infra.files["modules/functionapp.bicep"].one("var", "clouds").value
    graphs = {Settings.read(_anywhere(cloud)).graph_root for cloud in clouds.values()}
    assert len(graphs) == len(clouds) == 3


def _anywhere(cloud: str) -> dict[str, str]:
    return {
        "CLOUD": cloud,
        "ServiceBus": "a connection string",
        "Records": "another",
        "KEY_VAULT_URL": "https://localhost",
    }


def test_the_docs_list_every_setting_that_is_read_and_no_other() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    listed -= {"global", "usgov", "usgov-dod", "china"}
    read = settings_that_are_read()
    assert not read - listed, "add them to docs/settings.md"
    unread = {name for name in listed - read if not OF_THE_HOST.fullmatch(name)}
    assert not unread, "take them out of docs/settings.md"


def test_a_developers_machine_sets_what_azure_sets(required: dict[str, Any]) -> None:
    answers: Any = _AnyAnswer()
    local = app_settings(answers, graph="http://127.0.0.1:1", trusted=Path("trusted.pem"))
    template = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    needed = {name.partition("__")[0] for name in required} & {
        name.partition("__")[0] for name in settings_that_are_read()
    }
    # An identity is chosen and a cloud is told where there are several to choose from, and
    # nothing stands before the API.
    needed -= {"AZURE_CLIENT_ID", "GRAPH_CLIENT_ID", "CLOUD", "CALLER_ROLES"}
    needed -= {"APPLICATIONINSIGHTS_CONNECTION_STRING"}  # telemetry stays on the machine
    for place, settings in (
        ("local/up/settings.py", local),
        ("local.settings.example.json", template),
    ):
        assert not needed - set(settings), f"add them to {place}"
        unread = set(settings) - settings_that_are_read() - OF_ONE_MACHINE
        assert not {n for n in unread if not OF_THE_HOST.fullmatch(n)}, f"take them out of {place}"


class _AnyAnswer(dict[str, Any]):
    """Ready lines with every field."""

    def __missing__(self, name: str) -> Any:
        return type(self)() if name in {"broker", "tables", "vault", "identity"} else f"<{name}>"


def test_a_stand_by_rests_every_function_that_is_not_asked_for_over_http(infra: Infra) -> None:
    resting = infra.files["modules/functionapp.bicep"].one("var", "resting").value
    wanted = {
        f"AzureWebJobs.{each.function}.Disabled": "true"
        for each in triggers()
        if each.type != "httpTrigger"
    }
    assert resting == wanted, "`resting` in infra/modules/functionapp.bicep"


def test_the_alert_on_silent_timers_knows_every_timer() -> None:
    query = (ROOT / "infra" / "alerts" / "silent-timers.kql").read_text()
    watched = set(re.findall(r"^\s+'(\w+)', \w+", query, re.MULTILINE))
    timers = {each.function for each in triggers() if each.type == "timerTrigger"}
    assert watched == timers, "the rows of infra/alerts/silent-timers.kql"


def test_every_query_is_the_query_of_an_alert(infra: Infra) -> None:
    used = {
        re.sub(r".*alerts/([\w-]+)\.kql.*", r"\1", alert["query"]): alert["name"]
        for alert in infra.files["modules/alerts.bicep"].one("var", "found").value
    }
    files = {file.stem for file in (ROOT / "infra" / "alerts").glob("*.kql")}
    assert used == {name: name for name in files}
