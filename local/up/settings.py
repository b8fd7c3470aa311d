"""The app's settings on the local stack: a file in the shape of local.settings.json."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import certifi

from local.up.components import Answers


def app_settings(up: Answers, *, graph: str, trusted: Path) -> dict[str, str]:
    """Return every setting that the app reads, by name.

    `trusted` is the file of certificate authorities that the app trusts.
    """
    settings = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "ServiceBus": str(up["broker"]["serviceBusConnection"]),
        "Records": str(up["tables"]["tableConnection"]),
        "KEY_VAULT_URL": str(up["vault"]["vault"]),
        "GRAPH_ENDPOINT": graph,
        "IDENTITY_ENDPOINT": str(up["identity"]["identity"]),
        "IDENTITY_HEADER": str(up["identity"]["identityHeader"]),
        "SSL_CERT_FILE": str(trusted),
        "LANES": "16",
        "RESEND_SCHEDULE": "*/15 * * * * *",
        "ROTATION_SCHEDULE": "0 */5 * * * *",
        "RECONCILE_SCHEDULE": "30 */5 * * * *",
    }
    if "itsm" in up:
        settings |= _write_back(str(up["itsm"]["itsm"]))
    return settings


def _write_back(tools: str) -> dict[str, str]:
    """Where outcomes are told: the tools that stand in for all of them."""
    return {
        "SERVICENOW_URL": tools,
        "SERVICENOW_USER": "sluice",
        "JIRA_URL": tools,
        "JIRA_USER": "sluice",
        "JIRA_ACCOUNT_ID": "557058:5100ce00-0000-4000-8000-000000000000",
        "FRESHSERVICE_URL": tools,
        "GENERIC_OUTCOMES_URL": f"{tools}/hooks/outcomes",
    }


def write_settings(file: Path, values: Mapping[str, str]) -> None:
    """Write `values` for `python -m local.host --settings` and for `func start`."""
    text = json.dumps({"IsEncrypted": False, "Values": dict(values)}, indent=2) + "\n"
    _replace(file, text.encode())


def write_trusted(file: Path, vault_ca: Path) -> None:
    """Write the authorities that this machine trusts, and the vault's, to one file.

    SSL_CERT_FILE replaces the trusted authorities instead of adding to them, and the app may talk
    to a real Graph at the same time.
    """
    machine = Path(os.environ.get("SSL_CERT_FILE") or certifi.where())
    _replace(file, machine.read_bytes() + b"\n" + vault_ca.read_bytes())


def _replace(file: Path, content: bytes) -> None:
    """At once: another host may be reading it."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.replace(file)
