"""`python -m scripts.emulator`: write the queues of infra/ for Microsoft's Service Bus emulator.

The emulator keeps a message for an hour at most and delivers it ten times at most
(its "Known limitations"), so what is longer in Azure is cut for a developer's machine.
"""

import json
import re
from pathlib import Path
from typing import Any

from scripts.bicep import parse

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "local" / "emulator" / "Config.json"

_LONGEST_LIFE, _MOST_DELIVERIES = "PT1H", 10


def queues() -> list[dict[str, Any]]:
    """The queues of infra/queues.bicep."""
    file = ROOT / "infra" / "queues.bicep"
    found: list[dict[str, Any]] = parse(file.name, file.read_text()).one("var", "queues").value
    return found


def config() -> str:
    """The emulator's configuration file."""
    entries = [{"Name": queue["name"], "Properties": _properties(queue)} for queue in queues()]
    namespace = {"Name": "sbemulatorns", "Queues": entries, "Topics": []}
    logging = {"Type": "File"}
    return (
        json.dumps({"UserConfig": {"Namespaces": [namespace], "Logging": logging}}, indent=2) + "\n"
    )


def _properties(queue: dict[str, Any]) -> dict[str, object]:
    days_or_hours = re.search(r"[DH]", queue["timeToLive"])
    return {
        "DeadLetteringOnMessageExpiration": True,
        "DefaultMessageTimeToLive": _LONGEST_LIFE if days_or_hours else queue["timeToLive"],
        "DuplicateDetectionHistoryTimeWindow": queue["duplicates"] or "PT5M",
        "ForwardDeadLetteredMessagesTo": "",
        "ForwardTo": "",
        "LockDuration": queue["lock"],
        "MaxDeliveryCount": min(queue["deliveries"], _MOST_DELIVERIES),
        "RequiresDuplicateDetection": queue["duplicates"] is not None,
        "RequiresSession": queue["sessions"],
    }


if __name__ == "__main__":
    CONFIG.write_text(config())
