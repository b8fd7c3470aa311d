"""What azd, GitHub and the portal read is what they take, and fits the rest."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scripts.bicep import Infra
from shared.policy.offer import EVERY_OPERATION
from shared.telemetry import measurement
from shared.telemetry.measurement import Metric

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKBOOK = json.loads((ROOT / "infra" / "workbooks" / "operations.json").read_text())
METRICS = [each for each in vars(measurement).values() if isinstance(each, Metric)]

MADE_IN_HOOKS = {"SLUICE_KEY", "SLUICE_TOKEN"}
GIVEN_BY_AZD = {"AZURE_SUBSCRIPTION_ID", "SLUICE_API_CLIENT_ID"}
"""What azd itself knows, and what it was told with `azd env set`."""


def valid(document: Any, schema: str) -> None:
    jsonschema.validate(document, json.loads((SCHEMAS / schema).read_text()))


def test_azd_takes_the_project_file_and_builds_nothing_in_azure() -> None:
    project = yaml.safe_load((ROOT / "azure.yaml").read_text())
    valid(project, "azure-yaml.json")
    assert project["services"]["app"]["remoteBuild"] is False
    for hook in project["hooks"].values():
        for script in re.findall(r"\S+\.sh", hook["run"]):
            assert (ROOT / script).is_file()


def test_azd_finds_the_app_and_what_its_scripts_ask_for(infra: Infra) -> None:
    (app,) = infra.of_type("Microsoft.Web/sites")
    assert "'azd-service-name': 'app'" in app.at("tags")
    outputs = {each.name for each in infra.files["main.bicep"].all("output")}
    for script in ("after-provision.sh", "after-deploy.sh"):
        asked = set(
            re.findall(r"\$(SLUICE_\w+|AZURE_\w+)", (ROOT / "scripts" / script).read_text())
        )
        assert asked - MADE_IN_HOOKS - GIVEN_BY_AZD <= outputs


def test_the_outputs_are_settings_of_the_operators_command(infra: Infra) -> None:
    outputs = {each.name for each in infra.files["main.bicep"].all("output")}
    assert {
        "ServiceBus__fullyQualifiedNamespace",
        "Records__tableServiceUri",
        "KEY_VAULT_URL",
    } <= outputs


def test_the_workbook_is_one() -> None:
    valid(WORKBOOK, "workbook.json")
    names = [item["name"] for item in WORKBOOK["items"]]
    assert len(names) == len(set(names))


def test_counts_of_queues_are_asked_of_the_namespace_and_never_of_the_workspace() -> None:
    # Metrics that are exported lose the dimension that tells the queue.
    queries = " ".join(i["content"].get("query", "") for i in WORKBOOK["items"])
    assert "AzureMetrics" not in queries
    charts = [i["content"] for i in WORKBOOK["items"] if i["type"] == 10]
    by_queue = {
        m["metric"].partition("--")[2] for c in charts for m in c["metrics"] if m["splitBy"]
    }
    assert {"DeadletteredMessages", "ActiveMessages"} <= by_queue


def test_the_template_fills_every_place_in_the_workbook(infra: Infra) -> None:
    places = set(re.findall(r"<\w+>", json.dumps(WORKBOOK)))
    template = infra.files["modules/workbook.bicep"].text
    assert places == set(re.findall(r"'(<\w+>)'", template))


def test_queries_ask_for_metrics_that_the_app_promises() -> None:
    promised = set(
        re.findall(
            r"^\| `(sluice\.[\w.]+)`",
            (ROOT / "docs" / "observability.md").read_text(),
            re.MULTILINE,
        )
    )
    asked: set[str] = set(re.findall(r"'(sluice\.[\w.]+)'", json.dumps(WORKBOOK)))
    for query in (ROOT / "infra" / "alerts").glob("*.kql"):
        asked |= set(re.findall(r"'(sluice\.[\w.]+)'", query.read_text()))
    assert asked == promised, "the table in docs/observability.md, alerts and workbook"
    assert {each.name for each in METRICS} == promised, "shared/telemetry/measurement.py"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_docs_and_queries_know_a_metric_by_its_own_dimensions(metric: Metric) -> None:
    page = (ROOT / "docs" / "observability.md").read_text()
    [row] = re.findall(rf"^\| `{re.escape(metric.name)}` \|.*$", page, re.MULTILINE)
    _, _, kind, dimensions, *_ = row.split("|")
    assert re.findall(r"`(\w+)`", dimensions) == list(metric.dimensions)
    assert ("counter" in kind) == (metric.shape is measurement.Shape.COUNT)
    assert ("seconds" in kind) == (metric.unit == "s")
    queries = [i["content"].get("query", "") for i in WORKBOOK["items"]]
    queries += [file.read_text() for file in (ROOT / "infra" / "alerts").glob("*.kql")]
    for query in queries:
        if f"'{metric.name}'" in query:
            asked = set(re.findall(r"Properties\.(\w+)", query))
            assert asked <= set(metric.dimensions), query


def test_log_lines_that_alerts_look_for_are_written() -> None:
    source = "".join(file.read_text() for file in (ROOT / "shared").rglob("*.py"))
    source += "".join(file.read_text() for file in (ROOT / "functions").rglob("*.py"))
    events = set(re.findall(r'observing\("(\w+)"\)', source))
    queries = [file.read_text() for file in (ROOT / "infra" / "alerts").glob("*.kql")]
    asked = set(re.findall(r"(\w+)(?=[|)\w]* function=)", " ".join(queries)))
    fields = set(re.findall(r" (\w+)=\(?\\[dw]", " ".join(queries))) | {"outcome"}
    assert asked == events == {"request", "message", "timer"}
    assert fields == {"function", "outcome", "resent"}
    for field in fields:
        assert f"{field}=" in source, "infra/alerts"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_trusts_no_moving_tag_and_keeps_no_secret(workflow: Path) -> None:
    text = workflow.read_text()
    for action in re.findall(r"uses: (\S+)", text):
        assert action.startswith("./") or re.search(r"@[0-9a-f]{40}$", action), action
    assert "secrets." not in text
    assert yaml.safe_load(text)["permissions"]["contents"] == "read"
    # What people write may not become part of a script.
    assert not re.findall(r"run:.*\$\{\{", text)


def test_every_environment_that_is_delivered_to_has_its_parameters() -> None:
    for job in workflow("deliver")["jobs"].values():
        if "with" in job:
            several = job.get("strategy", {}).get("matrix", {}).get("environment")
            for environment in several or [job["with"]["environment"]]:
                assert (ROOT / "infra" / "environments" / f"{environment}.bicepparam").is_file()
            assert job["permissions"]["id-token"] == "write"


def workflow(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())


def test_a_pull_request_meets_no_identity_that_may_write() -> None:
    jobs = workflow("deliver")["jobs"]
    for name, job in jobs.items():
        first = jobs[job["needs"]] if job.get("needs", "test") != "test" else job
        if "github.event_name != 'pull_request'" not in first.get("if", ""):
            assert job.get("uses") in (None, "./.github/workflows/what-if.yml"), name
            assert "environment" not in job, name
    shown = workflow("what-if")["jobs"]["what-if"]
    assert shown["environment"].endswith("-preview")
    asked = re.findall(r"\baz .*", "\n".join(step.get("run", "") for step in shown["steps"]))
    assert [command.split()[:4] for command in asked] == [["az", "deployment", "group", "what-if"]]
    assert "--validation-level ProviderNoRbac" in str(shown["steps"])


def test_what_a_deployment_would_change_is_shown_before_it_is_approved() -> None:
    jobs = workflow("deploy")["jobs"]
    assert jobs["what-if"]["uses"] == "./.github/workflows/what-if.yml"
    assert jobs["deploy"]["needs"] == "what-if"
    assert jobs["deploy"]["environment"] == "${{ inputs.environment }}"
    steps = [step.get("name") for step in jobs["deploy"]["steps"]][-3:]
    assert steps == ["Provision", "Deploy the package", "Try it"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_failure_in_front_of_a_pipe_is_one(file: Path) -> None:
    # The shell of a step stops at a command that fails, but not at one before a pipe.
    for job in yaml.safe_load(file.read_text())["jobs"].values():
        for step in job.get("steps", []):
            if " | " in re.sub(r"'[^']*'", "", step.get("run", "")):
                assert "set -o pipefail" in step["run"], step["name"]


@pytest.mark.parametrize("name", ["dev", "test", "prod"])
def test_parameters_are_those_of_the_template(infra: Infra, name: str) -> None:
    file = ROOT / "infra" / "environments" / f"{name}.bicepparam"
    text = file.read_text()
    assert "using '../resources.bicep'" in text
    given = set(re.findall(r"^param (\w+)", text, re.MULTILINE))
    known = {each.name for each in infra.files["resources.bicep"].all("param")}
    assert given <= known
    assert f"param name = 'sluice-{name}'" in text
    operations = re.findall(r"OPERATIONS: '([^']+)'", text)
    assert set(operations[0].split(",")) <= EVERY_OPERATION
