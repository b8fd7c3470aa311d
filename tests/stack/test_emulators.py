"""What Microsoft's emulators need of us, as far as it can be checked without docker."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from isodate import parse_duration

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / "local" / "emulator"

COMPOSE = yaml.safe_load((EMULATOR / "compose.yaml").read_text())
NAMESPACES = json.loads((EMULATOR / "Config.json").read_text())["UserConfig"]["Namespaces"]
QUEUES = {queue["Name"]: queue["Properties"] for queue in NAMESPACES[0]["Queues"]}
DEFAULT_LANES = 16
TEMPLATE = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]


def test_every_image_is_pinned_to_a_version() -> None:
    for name, service in COMPOSE["services"].items():
        _, _, tag = service["image"].rpartition(":")
        assert re.match(r"\d", tag), name


def test_the_emulators_listen_on_the_loopback_alone() -> None:
    published = [
        port for service in COMPOSE["services"].values() for port in service.get("ports", [])
    ]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_service_bus_emulator_is_set_up_as_its_installer_documents() -> None:
    emulator = COMPOSE["services"]["service-bus"]
    assert set(emulator["environment"]) == {"SQL_SERVER", "MSSQL_SA_PASSWORD", "ACCEPT_EULA"}
    database = COMPOSE["services"][emulator["environment"]["SQL_SERVER"]]
    for secret in ("MSSQL_SA_PASSWORD", "ACCEPT_EULA"):
        assert database["environment"][secret] == emulator["environment"][secret]
        assert emulator["environment"][secret].startswith("${"), "people give these themselves"
    source, target, *_ = emulator["volumes"][0].split(":")
    assert (EMULATOR / source).is_file()
    assert target == "/ServiceBus_Emulator/ConfigFiles/Config.json"


def test_azurite_has_one_version_everywhere() -> None:
    package = json.loads((ROOT / "local/azurite/package.json").read_text())
    version = package["dependencies"]["azurite"]
    assert COMPOSE["services"]["azurite"]["image"].endswith(f":{version}")


def test_the_emulator_accepts_one_namespace_of_a_fixed_name_and_fifty_queues() -> None:
    assert [namespace["Name"] for namespace in NAMESPACES] == ["sbemulatorns"]
    assert 0 < len(QUEUES) <= 50


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_stays_within_the_limits_of_the_emulator(name: str) -> None:
    queue = QUEUES[name]
    assert parse_duration(queue["DefaultMessageTimeToLive"]) <= timedelta(hours=1)
    assert parse_duration(queue["DuplicateDetectionHistoryTimeWindow"]) <= timedelta(minutes=5)
    assert parse_duration(queue["LockDuration"]) <= timedelta(minutes=5)
    assert 1 <= queue["MaxDeliveryCount"] <= 10


def test_the_template_stays_within_the_ten_connections_of_the_emulator() -> None:
    sessions = int(TEMPLATE["AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentSessions"])
    calls = int(TEMPLATE["AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls"])
    assert sessions + calls < 10
    assert sessions_of(int(TEMPLATE["LANES"])) <= sessions, "one without a slot waits for another"


def test_an_instance_has_a_slot_for_every_session_of_the_default_lanes() -> None:
    options = json.loads((ROOT / "host.json").read_text())["extensions"]["serviceBus"]
    assert sessions_of(DEFAULT_LANES) <= options["maxConcurrentSessions"]


def sessions_of(lanes: int) -> int:
    """Those of two services for three crowds, and that of the bulk changes themselves."""
    return 2 * 3 * lanes + 1


def test_the_template_has_every_setting_that_the_local_stack_generates() -> None:
    from local.up.settings import app_settings

    said = dict.fromkeys(
        ["serviceBusConnection", "tableConnection", "vault", "identity", "identityHeader"], ""
    )
    generated = app_settings(
        dict.fromkeys(["broker", "tables", "vault", "identity"], said), graph="", trusted=Path()
    )
    own = {name for name in TEMPLATE if name.startswith("AzureFunctionsJobHost__")}
    assert set(TEMPLATE) - own == set(generated)
