"""What is in the package: paths and bytes."""

import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pathspec

from scripts.package.reachable import imported, reachable

LIBRARIES = ".python_packages/lib/site-packages"
"""Where the Functions host looks for the libraries of a prebuilt app."""

LARGE = ("msgraph",)
"""Libraries of which only what is used is shipped."""

type Files = dict[str, bytes]


def app_files(root: Path) -> Files:
    """The app itself: what is in the repository and not in .funcignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  the developer's own git
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    ignored = pathspec.PathSpec.from_lines("gitignore", (root / ".funcignore").open())
    kept = [name for name in listed if name and not ignored.match_file(name)]
    return {name: (root / name).read_bytes() for name in kept}


def library_files(wheels: Iterable[Path], app: Files) -> Files:
    """The libraries as pip would install them, without their commands, the large ones trimmed."""
    files = {name: content for wheel in wheels for name, content in _unpacked(wheel)}
    for library in LARGE:
        files = _trimmed(files, library, app)
    return {f"{LIBRARIES}/{name}": content for name, content in files.items()}


def _unpacked(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            # <name>.data/{purelib,platlib} is installed beside the rest, its other folders are
            # commands and headers (Binary distribution format, "The .data directory").
            folder, _, inner = entry.filename.partition(".data/")
            name = entry.filename
            if inner and "/" not in folder:
                scheme, _, name = inner.partition("/")
                if scheme not in ("purelib", "platlib"):
                    continue
            if not entry.is_dir():
                yield name, archive.read(entry)


def _trimmed(files: Files, library: str, app: Files) -> Files:
    modules = {
        _module(name): name
        for name in files
        if name.startswith(f"{library}/") and name.endswith(".py")
    }
    wanted = {
        name
        for path, content in app.items()
        if path.endswith(".py")
        for name in imported(content.decode(), anywhere=True)
        if name.partition(".")[0] == library
    }
    sources = {module: files[name].decode() for module, name in modules.items()}
    kept = {modules[module] for module in reachable(sources, wanted)}
    return {
        name: content
        for name, content in files.items()
        if not name.startswith(f"{library}/") or name in kept
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
