"""The official emulator's configuration file, as this broker reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.broker.config import ConfigError, parse_duration, read_config
from local.broker.engine.settings import QueueSettings

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3_600_000


def write(path: Path, properties: dict[str, Any], **namespace: Any) -> Path:
    queues = [{"Name": "q", "Properties": properties}]
    body = {"UserConfig": {"Namespaces": [{"Name": "n", "Queues": queues} | namespace]}}
    file = path / "Config.json"
    file.write_text(json.dumps(body))
    return file


def test_the_products_queues_are_the_default() -> None:
    queues = {queue.name: queue for queue in read_config()}
    assert set(queues) == {"intake", "changes", "outcomes"}
    assert queues["changes"] == QueueSettings(
        name="changes",
        lock_duration=60_000,
        max_delivery_count=5,
        default_message_time_to_live=HOUR,
        dead_lettering_on_message_expiration=True,
        duplicate_detection_history_time_window=5 * 60_000,
        requires_session=True,
    )
    assert queues["intake"].duplicate_detection_history_time_window is None


def test_what_is_not_said_is_as_in_the_emulator(tmp_path: Path) -> None:
    (queue,) = read_config(write(tmp_path, {}))
    assert queue == QueueSettings(
        name="q",
        lock_duration=60_000,
        max_delivery_count=10,
        default_message_time_to_live=HOUR,
    )


@pytest.mark.parametrize("key", ["ForwardTo", "ForwardDeadLetteredMessagesTo", "AutoDeleteOnIdle"])
def test_an_unsupported_property_is_refused_by_name_unless_it_is_empty(
    tmp_path: Path, key: str
) -> None:
    read_config(write(tmp_path, {key: ""}))
    with pytest.raises(ConfigError, match=f"queue 'q': {key} is not supported"):
        read_config(write(tmp_path, {key: "other"}))


def test_topics_are_refused_unless_there_are_none(tmp_path: Path) -> None:
    read_config(write(tmp_path, {}, Topics=[]))
    with pytest.raises(ConfigError, match="topics are not supported"):
        read_config(write(tmp_path, {}, Topics=[{"Name": "t"}]))


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Config.json"
    for text in ("", "[]", "{}", '{"UserConfig": {"Namespaces": [{"Queues": [7]}]}}'):
        file.write_text(text)
        with pytest.raises(ConfigError, match="not an emulator configuration"):
            read_config(file)
    with pytest.raises(ConfigError, match="not an emulator configuration"):
        read_config(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("PT1M", 60_000),
        ("PT1H30M", 5_400_000),
        ("P1DT1S", 86_401_000),
        ("PT0.5S", 500),
        ("P10675199DT2H48M5.4775807S", 922_337_203_685_477),
    ],
)
def test_durations_are_iso_8601(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "P", "PT", "1M", "PT1X", "PT-1S", "P1Y"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_duration(text)
