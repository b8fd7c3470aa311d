"""The libraries of the app as wheels for Azure, pinned to their bytes by requirements.lock."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

# What Flex Consumption runs: Python 3.13 on Linux x64.
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
_FOR_AZURE = (
    *(argument for platform in _PLATFORMS for argument in ("--platform", platform)),
    *("--implementation", "cp", "--python-version", "3.13", "--only-binary", ":all:"),
)
_HEADER = """\
# Made by `make lock` from requirements.txt: what the package holds, byte for byte. The hashes are
# those of the wheels for Python 3.13 on Linux x64.
"""


class WheelsNotFetched(Exception):
    """pip could not get the wheels; the text is what it said."""


def fetch(lock: Path, folder: Path) -> list[Path]:
    """The wheels of the lock, brought into the folder where they are not in it already.

    Raises WheelsNotFetched, also when the bytes are not those that were locked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = set(re.findall(r"sha256:([0-9a-f]{64})", lock.read_text()))
    if wanted - _there(folder).keys():
        _pip("download", "--no-deps", "--require-hashes", "-r", str(lock), "-d", str(folder))
    there = _there(folder)
    if lacking := wanted - there.keys():
        raise WheelsNotFetched(f"{len(lacking)} wheels of {lock.name} did not arrive.")
    return sorted(there[digest] for digest in wanted)


def lock(requirements: Path) -> str:
    """The text of the lock for these requirements. Raises WheelsNotFetched."""
    report = json.loads(
        _pip(
            *("install", "--dry-run", "--ignore-installed", "--report", "-"),
            *("--target", "unused", "-r", str(requirements)),
        )
    )
    pins = sorted(
        f"{found['metadata']['name']}=={found['metadata']['version']}"
        f" --hash=sha256:{found['download_info']['archive_info']['hashes']['sha256']}"
        for found in report["install"]
    )
    return _HEADER + "\n".join(pins) + "\n"


def _there(folder: Path) -> dict[str, Path]:
    return {hashlib.sha256(wheel.read_bytes()).hexdigest(): wheel for wheel in folder.glob("*.whl")}


def _pip(command: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  nothing in it comes from outside
        [
            *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"),
            *(command, *_FOR_AZURE, *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WheelsNotFetched(done.stderr.strip())
    return done.stdout
