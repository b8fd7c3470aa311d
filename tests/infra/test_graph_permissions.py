"""The identity gets exactly the Graph permissions that the enabled operations need."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.bicep import Infra
from scripts.graph_permissions import __main__ as command
from scripts.graph_permissions import directory
from shared.permissions.needs import may_need, needs_of
from shared.permissions.report import examine
from shared.policy.offer import EVERY_OPERATION

ALL = examine((), needs_of(EVERY_OPERATION, unofficial=False)).missing
PATCH_DEVICE = ("--principal", "sluice", "--operations", "patchDevice")


def test_the_docs_say_of_each_permission_what_it_is_for_and_of_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deploy" / "permissions.md").read_text()
    told = set(
        re.findall(r"`(\S+\.All)`", "".join(re.findall(r"^\| (`[^|]*)\|", page, re.MULTILINE)))
    )
    needs = [*needs_of(EVERY_OPERATION, unofficial=True), *may_need(EVERY_OPERATION)]
    assert {need[0] for need in needs} == told


class FakeDirectory:
    def __init__(self, file: Path) -> None:
        self._file = file
        names = [*ALL, "Directory.ReadWrite.All", "Mail.Send"]
        roles = [
            # People's permissions have the same names as those of applications.
            *({"id": f"u-{n}", "value": n, "allowedMemberTypes": ["User"]} for n in names),
            *({"id": n, "value": n, "allowedMemberTypes": ["Application"]} for n in names),
        ]
        self.put(roles=roles, assignments=[], forbidden=False, unknown_for=0)

    def put(self, **changes: Any) -> None:
        state = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._file.write_text(json.dumps(state | changes))

    def grant(self, *names: str) -> None:
        assignments = [{"id": f"a-{n}", "appRoleId": n, "resourceId": "graph"} for n in names]
        others = [{"id": "other", "appRoleId": "Mail.Send", "resourceId": "another service"}]
        self.put(assignments=[*others, *assignments])

    @property
    def granted(self) -> set[str]:
        state = json.loads(self._file.read_text())
        return {e["appRoleId"] for e in state["assignments"] if e["resourceId"] == "graph"}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDirectory:
    az = tmp_path / "az"
    behind = Path(__file__).parent / "fakes" / "directory_behind_az.py"
    az.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{behind}" "$@"\n')
    az.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FAKE_DIRECTORY", str(tmp_path / "directory.json"))
    return FakeDirectory(tmp_path / "directory.json")


def test_the_template_grants_by_default_what_all_operations_need(infra: Infra) -> None:
    permissions = infra.files["graph/permissions.bicep"].one("param", "permissions").value
    assert permissions == list(ALL), "infra/graph/permissions.bicep, or the table of routes"


def test_the_list_is_the_least_that_the_operations_need(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main(["--list", "--operations", "patchManagedDevice,updateDeviceAccount"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
        "DeviceManagementManagedDevices.ReadWrite.All",
    ]


def test_without_apply_it_tells_and_changes_nothing(
    fake: FakeDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.grant("Mail.Send")
    assert command.main([*PATCH_DEVICE]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["+ Device.ReadWrite.All", "! Mail.Send (no enabled operation needs it)"]
    assert fake.granted == {"Mail.Send"}


def test_it_grants_what_is_missing_once_and_leaves_the_rest(fake: FakeDirectory) -> None:
    fake.grant("Mail.Send")
    for _ in range(2):
        assert command.main([*PATCH_DEVICE, "--apply"]) == 0
        assert fake.granted == {"Mail.Send", "Device.ReadWrite.All"}


def test_what_no_enabled_operation_needs_goes_on_request_and_nothing_of_other_services(
    fake: FakeDirectory,
) -> None:
    fake.grant("Mail.Send", "User.ReadWrite.All", "Device.ReadWrite.All")
    assert command.main([*PATCH_DEVICE, "--apply", "--remove-extra"]) == 0
    assert fake.granted == {"Device.ReadWrite.All"}
    assert "another service" in (fake._file.read_text())


def test_a_broader_permission_serves_and_is_told(
    fake: FakeDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.grant("Directory.ReadWrite.All")
    assert command.main([*PATCH_DEVICE, "--apply"]) == 0
    assert "! Directory.ReadWrite.All (Device.ReadWrite.All would do)" in capsys.readouterr().out
    assert fake.granted == {"Directory.ReadWrite.All"}


def test_an_identity_that_is_not_known_everywhere_yet_is_tried_again(fake: FakeDirectory) -> None:
    fake.put(unknown_for=3)
    waits: list[float] = []
    directory.Directory(waits.append).grant("sluice", "Device.ReadWrite.All")
    assert fake.granted == {"Device.ReadWrite.All"}
    assert waits == [2.0, 5.0, 10.0]


def test_one_that_is_granted_meanwhile_is_no_fault(fake: FakeDirectory) -> None:
    fake.grant("Device.ReadWrite.All")
    directory.Directory().grant("sluice", "Device.ReadWrite.All")


def test_without_the_right_to_grant_it_names_what_an_administrator_has_to(
    fake: FakeDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.put(forbidden=True)
    assert command.main([*PATCH_DEVICE, "--apply"]) == 1
    said = capsys.readouterr().err
    assert "Privileged Role Administrator" in said
    assert "Device.ReadWrite.All" in said
    assert fake.granted == set()


def test_an_administrator_is_told_of_nothing_that_is_granted_already(
    fake: FakeDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.grant("Device.ReadWrite.All")
    fake.put(forbidden=True)
    some = ("--principal", "sluice", "--operations", "patchDevice,patchManagedDevice")
    assert command.main([*some, "--apply"]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  ")]
    assert told == ["  DeviceManagementManagedDevices.ReadWrite.All"]
    assert fake.granted == {"Device.ReadWrite.All"}


def test_an_administrator_needs_nothing_but_python_and_az(fake: FakeDirectory) -> None:
    # -S leaves out the virtual environment.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "scripts.graph_permissions", *PATCH_DEVICE, "--apply"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert fake.granted == {"Device.ReadWrite.All"}


def test_without_az_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main([*PATCH_DEVICE]) == 1
    assert "install the Azure CLI" in capsys.readouterr().err
