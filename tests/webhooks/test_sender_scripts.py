"""The scripts that the pages give to senders make requests that are believed and understood."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from gate import DEVICE, ENVIRONMENT, Gate
from senders import SECRETS, STANDARD_SECRET

from shared.webhooks.sources import FOLDER, load

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "docs" / "webhooks" / "senders"
NODE = ROOT / ".venv" / "bin" / "node"


@pytest.fixture
def gate() -> Gate:
    gate = Gate()
    gate.vault.values.update(SECRETS)
    return gate


def run(script: Path, now: str, record: dict[str, Any]) -> dict[str, Any]:
    """What the script sends, run by Node with ServiceNow's classes around it."""
    surroundings = Path(__file__).parent / "servicenow.js"
    secret = SECRETS["webhook-servicenow"]
    done = subprocess.run(
        [NODE, surroundings, script, secret, now, json.dumps(record)],
        capture_output=True,
        text=True,
        check=True,
    )
    sent: dict[str, Any] = json.loads(done.stdout)
    return sent


@pytest.mark.parametrize("script", ["servicenow-business-rule.js", "servicenow-flow-step.js"])
async def test_what_a_script_of_servicenow_sends_becomes_a_change(gate: Gate, script: str) -> None:
    reason = 'Cost "centre"\nCC-1042 \\ 5 $ {x} <b> é 😀'
    fields = {
        "sys_id": "9d385017c611228701d22104cc95c371",
        "number": "RITM0010042",
        "sys_mod_count": "4",
        "sys_updated_by": "an.approver",
        "approval": "approved",
        "state": "1",
        "cat_item": "8f2d3c51dba31010a1f7d9e0ad961901",
        "short_description": reason,
    }
    variables = {"device_id": DEVICE.upper(), "cost_centre": "CC-1042"}
    record = {
        part: {name: {"value": value, "display_value": value} for name, value in values.items()}
        for part, values in (("fields", fields), ("variables", variables))
    }
    now = str(int(gate.clock().timestamp()))
    sent = run(SCRIPTS / script, now, record)
    assert "$" not in sent["body"]
    admitted = await gate.receive("servicenow", sent["body"].encode(), sent["headers"])
    [change] = admitted.changes
    assert change.operation.request["target"] == {"deviceId": DEVICE}
    assert change.operation.request["reason"] == reason


def generic() -> bytes:
    return json.dumps(load(FOLDER, "generic", ENVIRONMENT).source.examples[0].payload).encode()


async def test_what_the_python_script_signs_is_believed(gate: Gate) -> None:
    spec = importlib.util.spec_from_file_location("send", SCRIPTS / "send.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    now = int(gate.clock().timestamp())
    headers = module.signed(generic(), STANDARD_SECRET, "msg_1", now)
    assert (await gate.receive("generic", generic(), headers)).status == "accepted"


async def test_what_the_content_of_jira_automation_becomes_is_believed_and_understood(
    gate: Gate,
) -> None:
    summary = 'Cost "centre"\nCC-1042 \\ {{issue.id}} <b> é 😀'
    said = {
        "id": 10042,
        "key": "DEV-42",
        "updated": "2026-11-20T10:15:31.402+0100",
        "summary": summary,
        "status.name": "Approved",
        "labels": ["hub"],
        "customfield_10071": DEVICE.upper(),
        "customfield_10072.value": "CC-1042",
    }

    def rendered(smart: re.Match[str]) -> str:
        """As Jira does: the functions escape, everything else is written as it is."""
        name, _, function = smart[1].removeprefix("issue.").rpartition(".")
        if function in ("asJsonString", "asJsonStringArray"):
            return json.dumps(said[name])
        return str(said[name.partition(".")[0] or function])

    template = (SCRIPTS / "jira-automation-body.txt").read_text()
    body = re.sub(r"\{\{(.*?)\}\}", rendered, template).encode()
    headers = {"Authorization": f"Bearer {SECRETS['webhook-jira-automation']}"}
    [change] = (await gate.receive("jira-automation", body, headers)).changes
    assert change.operation.request["target"] == {"deviceId": DEVICE}
    assert change.operation.request["set"] == {
        "extensionAttributes": {"extensionAttribute1": "CC-1042"}
    }
    assert change.operation.request["reason"] == summary
    assert change.operation.request["ticket"]["id"] == "10042"


def test_the_template_of_freshservice_is_json_with_the_tickets_number() -> None:
    template = (SCRIPTS / "freshservice-template.json").read_text()
    sent = json.loads(template.replace("{{ticket.id_numeric}}", "4711"))
    fetch = load(FOLDER, "freshservice", ENVIRONMENT).source.fetch
    assert fetch
    assert fetch.id.of(sent) == "4711"
