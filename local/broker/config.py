"""Read the queues from the official emulator's configuration file."""

import json
import re
from pathlib import Path

from local.broker.engine.settings import QueueSettings

DEFAULT_CONFIG = Path(__file__).parent.parent / "emulator" / "Config.json"

_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_MILLISECONDS = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000}
_SUPPORTED = {
    "DeadLetteringOnMessageExpiration",
    "DefaultMessageTimeToLive",
    "DuplicateDetectionHistoryTimeWindow",
    "LockDuration",
    "MaxDeliveryCount",
    "RequiresDuplicateDetection",
    "RequiresSession",
}


class ConfigError(Exception):
    """The configuration asks for something that this broker cannot do, or makes no sense."""


def read_config(path: Path = DEFAULT_CONFIG) -> list[QueueSettings]:
    """Read the queues of the first namespace. Raises ConfigError."""
    try:
        namespace = json.loads(path.read_text(encoding="utf-8"))["UserConfig"]["Namespaces"][0]
        if namespace.get("Topics"):
            raise ConfigError("topics are not supported")
        return [_queue(entry["Name"], entry.get("Properties", {})) for entry in namespace["Queues"]]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as cause:
        raise ConfigError(f"{path.name} is not an emulator configuration: {cause!r}") from cause


def _queue(name: str, properties: dict[str, object]) -> QueueSettings:
    for key, value in properties.items():
        if key not in _SUPPORTED and value:
            raise ConfigError(f"queue '{name}': {key} is not supported")

    def duration(key: str, default: str) -> int:
        return parse_duration(str(properties.get(key, default)))

    detects = bool(properties.get("RequiresDuplicateDetection"))
    return QueueSettings(
        name=name,
        lock_duration=duration("LockDuration", "PT1M"),
        max_delivery_count=int(str(properties.get("MaxDeliveryCount", 10))),
        default_message_time_to_live=duration("DefaultMessageTimeToLive", "PT1H"),
        dead_lettering_on_message_expiration=bool(
            properties.get("DeadLetteringOnMessageExpiration")
        ),
        duplicate_detection_history_time_window=(
            duration("DuplicateDetectionHistoryTimeWindow", "PT5M") if detects else None
        ),
        requires_session=bool(properties.get("RequiresSession")),
    )


def parse_duration(text: str) -> int:
    """Read an ISO 8601 duration of days, hours, minutes and seconds as milliseconds.

    Raises ConfigError.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ConfigError(f"'{text}' is not a duration such as PT1M")
    return int(
        sum(float(value) * _MILLISECONDS[unit] for unit, value in match.groupdict("0").items())
    )
