"""`python -m cli webhooks` tries source files and explains payloads without asking anybody."""

import json
from pathlib import Path

import pytest
from gate import ENVIRONMENT, SOURCES

from cli.__main__ import main
from shared.webhooks.sources import FOLDER, load


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the command, which it would else leave in the environment of the whole test run."""
    monkeypatch.setenv("SLUICE_IDENTITY", "azure-cli")


def test_every_shipped_source_is_ok(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[name, "ok,"] for name in SOURCES]


def test_a_source_that_lacks_a_setting_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRESHSERVICE_URL")
    assert main(["webhooks", "check", "freshservice", "jira"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "the app setting FRESHSERVICE_URL is not set" in first
    assert "ok, 6 examples" in second


@pytest.mark.parametrize(("index", "code"), [(0, 0), (3, 0), (5, 1)])
def test_a_payload_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], index: int, code: int
) -> None:
    example = load(FOLDER, "jira", ENVIRONMENT).source.examples[index]
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(example.payload))
    assert main(["webhooks", "explain", "jira", str(file), "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == (example.changes or [])
    assert main(["webhooks", "explain", "jira", str(file)]) == code
    assert told["status"] in capsys.readouterr().out


def test_a_source_that_does_not_exist_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "payload.json"
    file.write_text("{}")
    assert main(["webhooks", "explain", "nobody", str(file)]) == 1
    assert "nobody.yaml: No such file" in capsys.readouterr().err
