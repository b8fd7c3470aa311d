"""What is deployed: whole, alone, and the same each time."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from built import Package, Python
from packaging.requirements import Requirement

from scripts.bicep import parse
from scripts.package.__main__ import LOCK, ROOT
from scripts.package.contents import LIBRARIES

# The first of them waits until all is compiled.
pytestmark = pytest.mark.timeout(400)

APP = {"functions", "shared", "function_app.py", "host.json", ".python_packages"}
NOT_APP = {"cli", "docs", "infra", "local", "scripts", "tests", "requirements-dev.txt", ".ci"}
EVERY_MODULE = """
import importlib, pathlib, sys
sys.path.insert(0, "")
for folder in ("functions", "shared"):
    for file in pathlib.Path(folder).rglob("*.py"):
        importlib.import_module(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
print(sorted({n.partition(".")[0] for n, m in sys.modules.items() if "site-packages" in str(m)}))
"""
BYTE_CODE = """
import asyncio, pathlib, sys, unittest, azure.servicebus.aio, pydantic
from scripts.package.bytecode import byte_code
app = pathlib.Path(sys.argv[1])
found = [*app.glob("*.py"), *app.glob("*/*/*/typing*.py"), *app.glob("*/*/*/werkzeug/**/*.py")]
files = {str(file.relative_to(app)): file.read_bytes() for file in found}
for name, content in byte_code(files).items():
    print(name, content.hex())
"""
"""Makes some of it where other libraries are loaded, which share texts with what is compiled."""


def test_the_package_has_the_app_and_its_libraries_and_nothing_that_is_for_developers(
    package: Package,
) -> None:
    with zipfile.ZipFile(package.archive) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops >= APP
    assert not tops & NOT_APP
    assert f"{LIBRARIES}/msgraph/graph_request_adapter.py" in names
    assert not [name for name in names if "local.settings" in name]


def test_nothing_in_the_archive_tells_when_or_where_it_was_made(package: Package) -> None:
    with zipfile.ZipFile(package.archive) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr for entry in entries} == {0o644 << 16}


def test_the_package_is_small_enough_to_start_fast(package: Package) -> None:
    assert package.archive.stat().st_size < 30_000_000
    assert sum(map(len, package.files.values())) < 100_000_000


def test_nobody_who_imports_a_module_has_to_compile_it(package: Package, python: Python) -> None:
    for name in package.files:
        if name.endswith(".py"):  # as old as whoever unpacks it makes it
            os.utime(package.unpacked / name, (0, 0))
    process = python("-B", "-v", "-c", EVERY_MODULE)
    _, err = process.communicate()
    assert process.returncode == 0, err
    loaded = re.findall(r"^# code object from '?(.+?)'?$", err, re.MULTILINE)
    of_the_package = [file for file in loaded if file.startswith(str(package.unpacked))]
    assert len(of_the_package) > 1000
    assert not [file for file in of_the_package if not file.endswith(".cpython-313.pyc")]


def test_byte_code_is_the_same_wherever_it_is_made(package: Package) -> None:
    made = subprocess.run(
        [sys.executable, "-c", BYTE_CODE, str(package.unpacked)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = dict(line.split() for line in made.stdout.splitlines())
    assert len(lines) > 50
    assert lines == {name: package.files[name].hex() for name in lines}


def test_azd_finds_what_keeps_it_from_leaving_the_byte_code_out(package: Package) -> None:
    rules = (package.unpacked / ".funcignore").read_text().splitlines()
    assert [rule for rule in rules if not rule.startswith("#")] == ["/.funcignore"]
    assert ".funcignore" not in package.files


def test_binaries_are_those_of_linux_on_x64(package: Package) -> None:
    binaries = [name for name in package.files if ".so" in Path(name).suffixes]
    assert binaries
    for name in binaries:
        if "cpython" in name:
            assert name.endswith(".cpython-313-x86_64-linux-gnu.so"), name
        assert package.files[name][:5] == b"\x7fELF\x02", name
        assert package.files[name][18] == 0x3E, f"{name} is not for x64"


def test_the_lock_holds_what_the_requirements_need_as_it_is_tested_here() -> None:
    text = LOCK.read_text()
    pins = re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE)
    locked = {_name(name): version for name, version in pins}
    wanted = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert locked == _with_what_they_need(wanted), "requirements.txt has changed: run make lock"


def _name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _with_what_they_need(names: list[str]) -> dict[str, str]:
    """The distributions, and all that they require without extras, as installed here."""
    found: dict[str, str] = {}
    open_ = [(name, "") for name in names]
    done: set[tuple[str, str]] = set()
    while open_:
        name, extra = open_.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        distribution = importlib.metadata.distribution(name)
        found[_name(name)] = distribution.version
        for text in distribution.requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                extras = ("", *requirement.extras)
                open_ += [(_name(requirement.name), each) for each in extras]
    return found


def test_every_module_of_the_app_finds_what_it_imports(python: Python) -> None:
    process = python("-c", EVERY_MODULE)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "msgraph" in out


def test_every_kind_of_change_is_made_with_what_is_left_of_the_graph_sdk(python: Python) -> None:
    contract = ROOT / "tests" / "contract"
    process = python(str(contract / "one_of_each_change.py"), beside_it=(contract, Path()))
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert out.splitlines()[0] == "patchDevice"


def test_the_app_starts_in_the_host_from_the_package_alone(python: Python, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"IsEncrypted": False, "Values": NOWHERE | schedules()}))
    host = python(
        *("-m", "local.host", "--app", ".", "--settings", str(settings), "--function-key", "k")
    )
    assert host.stdout
    line = host.stdout.readline()
    assert line, host.communicate()[1]
    ready = json.loads(line)
    assert "changes_message" in ready["functions"]
    assert status(f"{ready['http']}/api/openapi.json") == 200
    assert status(f"{ready['http']}/api/changes", b"{}") == 401
    assert status(f"{ready['http']}/api/changes", b"{}", key="k") == 422
    assert status(f"{ready['http']}/api/health") == 503, "nothing that it needs is there"


NOWHERE = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "ServiceBus": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=x;SharedAccessKey=eA==;"
    "UseDevelopmentEmulator=true;",
    "Records": "UseDevelopmentStorage=true",
    "KEY_VAULT_URL": "https://127.0.0.1:1",
    "GRAPH_ENDPOINT": "http://127.0.0.1:1",
    "IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token",
    "IDENTITY_HEADER": "x",
}
"""Settings of a machine on which nothing listens."""


def schedules() -> dict[str, str]:
    """Those of every timer, as the deployment names them, once a year."""
    file = ROOT / "infra" / "modules" / "functionapp.bicep"
    required = parse(file.name, file.read_text()).one("var", "required").value
    return {name: "0 0 0 1 1 *" for name in required if name.endswith("_SCHEDULE")}


def status(url: str, body: bytes | None = None, key: str = "") -> int:
    headers = {"content-type": "application/json", "x-functions-key": key}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
