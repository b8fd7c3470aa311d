"""A package that was built, and whoever starts a Python with it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scripts.package.contents import Files


@dataclass(frozen=True)
class Package:
    archive: Path
    unpacked: Path
    files: Files


class Python(Protocol):
    def __call__(
        self, *arguments: str, beside_it: tuple[Path, ...] = ()
    ) -> subprocess.Popen[str]: ...
