"""The package, built as `make package` does, and a Python that has nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import google.protobuf
import pytest
from built import Package, Python

from scripts.package.__main__ import LOCK, ROOT, write
from scripts.package.bytecode import byte_code
from scripts.package.contents import LIBRARIES, app_files, library_files
from scripts.package.wheels import fetch


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("package")
    app = app_files(ROOT)
    files = app | library_files(fetch(LOCK, ROOT / "dist" / "wheels"), app)
    files |= byte_code(files)
    write(folder, files)
    return Package(folder / "sluice.zip", folder / "app", files)


@pytest.fixture
def python(package: Package, tmp_path: Path) -> Iterator[Python]:
    """Starts a Python that finds the package, the local host, and what the host alone needs.

    -S leaves out the virtual environment, so that what the package lacks is missing.
    """
    beside = tmp_path / "beside"
    (beside / "google").mkdir(parents=True)
    (beside / "local").symlink_to(ROOT / "local")
    (beside / "google" / "protobuf").symlink_to(Path(google.protobuf.__file__).parent)
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, beside_it: tuple[Path, ...] = ()) -> subprocess.Popen[str]:
        places = [package.unpacked / LIBRARIES, *beside_it, beside]
        process = subprocess.Popen(
            [sys.executable, "-S", *arguments],
            cwd=package.unpacked,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(map(str, places)),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate()
