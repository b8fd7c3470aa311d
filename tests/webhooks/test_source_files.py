"""A source file is read strictly and tried on its own examples, or it is not used."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate import ENVIRONMENT, MINIMAL, SOURCES, gate_of

from shared.webhooks.sources import FOLDER, SourceError, Sources, load


def changed(path: str, value: Any) -> dict[str, Any]:
    """The minimal source with one member set, or taken away by None."""
    source = copy.deepcopy(MINIMAL)
    *parents, name = path.split(".")
    inner: Any = source
    for parent in parents:
        inner = inner[int(parent) if parent.isdigit() else parent]
    if value is None:
        del inner[name]
    else:
        inner[name] = value
    return source


@pytest.mark.parametrize("name", SOURCES)
def test_a_shipped_source_becomes_what_its_examples_say(name: str) -> None:
    loaded = load(FOLDER, name, ENVIRONMENT)
    assert len(loaded.digest) == 64


def test_the_source_of_these_tests_is_good(tmp_path: Path) -> None:
    assert gate_of(tmp_path, MINIMAL).sources.find("tool")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("verify", None, "verify: Field required"),
        ("verify", {}, "a verifier is one of"),
        ("verify", {"anyOf": []}, "verify.anyOf"),
        ("verify.sharedHeader.secrets", [], "verify.sharedHeader.secrets"),
        ("verify.sharedHeader.secrets", ["a", "b", "c"], "verify.sharedHeader.secrets"),
        ("verify.basic", {"secrets": ["a"], "user": "u"}, "a verifier is one of"),
        ("verify.unknown", 1, "Extra inputs are not permitted"),
        ("verify", {"hmac": {"secrets": ["a"], "header": "X", "algorithm": "sha1"}}, "algorithm"),
        (
            "verify",
            {"hmac": {"secrets": ["a"], "header": "X", "signed": [{"header": "Y"}]}},
            "does not cover the body",
        ),
        (
            "verify",
            {"hmac": {"secrets": ["a"], "header": "X", "timestamp": {"header": "T"}}},
            "a timestamp that is not signed",
        ),
        ("approved", None, "approved: Field required"),
        ("examples", [MINIMAL["examples"][0]] * 2, "ignored or refused"),
        ("examples", [MINIMAL["examples"][1]] * 2, "has to ask for a change"),
        ("examples.0.changes.0.reason", "x", "example 'good': change 0 differs in reason"),
        ("examples.0.changes", MINIMAL["examples"][0]["changes"] * 2, "it becomes 1 changes"),
        ("examples.0.ignored", True, "expects one of"),
        ("examples.1.ignored", False, "expects one of"),
        ("accept", "kind == 'printer'", "example 'good': it is ignored"),
        ("approved", "`false`", "example 'good': it is refused, not-approved"),
        ("rules.0.when", "deviceId == null", "example 'good': it is refused, no-change"),
        ("rules.0.operation", "wipeDevice", "rules.0.operation"),
        ("rules.0.request.ticket", {"id": "'x'"}, "may not set ticket"),
        ("rules.0.request.operation", "'patchUser'", "may not set operation"),
        ("rules.0.request.dryRun", True, "may not set dryRun"),
        ("accept", "kind ==", "it is not JMESPath"),
        ("accept", "nosuch(kind)", "it calls nosuch"),
        ("accept", "sort_by(@, &kind)", "it "),
        ("accept", "map(&kind, @)", "it "),
        ("accept", "not_null(&kind)", "it refers to an expression with &"),
        ("accept", "a" * 513, "more than 512 characters"),
        ("accept", "(" * 200 + "a" + ")" * 200, "it "),
        ("accept", "||".join("a" * 120), "more than 100 parts"),
        ("accept", "[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]", "copy the document"),
        ("accept", "to_string([" * 7 + "@" + "])" * 7, "copy the document"),
        ("accept", "join(to_string(@), a) == 'x'", "does not join by a fixed text"),
        ("queue", "perhaps", "queue"),
        ("version", 2, "version"),
    ],
)
def test_a_source_that_could_do_harm_or_does_not_work_is_not_used(
    tmp_path: Path, path: str, value: Any, said: str
) -> None:
    gate = gate_of(tmp_path, changed(path, value))
    with pytest.raises(SourceError) as refused:
        gate.sources.find("tool")
    assert refused.value.detail.startswith("tool.yaml: ")
    assert said in refused.value.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nversion: 1\n", "line 1: version stands there twice"),
        ("a: [\n", "line 2"),
        ("- 1\n", "not a mapping"),
        ("a: !!python/object/apply:os.getcwd []\n", "line 1"),
        ("true: 1\n", "is no text"),
        ("verify: {hmac: '${NOT_SET}'}\n", "the app setting NOT_SET is not set"),
        ("\x00", "it is not YAML"),
    ],
)
def test_a_file_that_is_no_good_yaml_is_not_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tool.yaml").write_text(text)
    with pytest.raises(SourceError, match=r"tool\.yaml: ") as refused:
        load(tmp_path, "tool", {})
    assert said in refused.value.detail


@pytest.mark.parametrize(
    "name", ["http", "bulk", "intake", "timer", "operator", "Tool", "../tool", "to ol", ""]
)
def test_a_source_cannot_be_called_like_another_way_in_or_like_a_path(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(SourceError, match="its name"):
        load(tmp_path, name, {})


def test_a_setting_takes_the_place_of_its_name_where_things_are_and_nowhere_else(
    tmp_path: Path,
) -> None:
    source = changed("verify", {"sharedHeader": {"secrets": ["${SLOT}"], "header": "X-Key"}})
    source["description"] = "costs ${SLOT}"
    (tmp_path / "tool.yaml").write_text(yaml.safe_dump(source))
    loaded = load(tmp_path, "tool", {"SLOT": "slot-1"}).source
    assert loaded.verify.sharedHeader
    assert loaded.verify.sharedHeader.secrets == ("slot-1",)
    assert loaded.description == "costs ${SLOT}"


def test_health_tells_every_file_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("version: 2")
    (tmp_path / "two.yaml").write_text("a: [")
    with pytest.raises(SourceError) as refused:
        asyncio.run(Sources(("one", "two", "three"), tmp_path, {}).check())
    for file in ("one.yaml: ", "two.yaml: ", "three.yaml: No such file"):
        assert file in refused.value.detail
