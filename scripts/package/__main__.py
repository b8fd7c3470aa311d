"""`python -m scripts.package`: build dist/sluice.zip, or lock what goes into it.

    python -m scripts.package          dist/sluice.zip, and dist/app with the same files
    python -m scripts.package --lock   requirements.lock anew, after requirements.txt has changed

The same commit gives the same bytes. Wheels are kept in dist/wheels.
"""

import argparse
import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

from scripts.package.bytecode import byte_code
from scripts.package.contents import LIBRARIES, Files, app_files, library_files
from scripts.package.wheels import WheelsNotFetched, fetch, lock

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_FOR_AZD = """\
# azd deploys this folder. Where it finds no such file, it leaves the byte code out.
/.funcignore
"""


def main() -> int:
    """Do it; 0 when it is done."""
    parser = argparse.ArgumentParser(prog="python -m scripts.package", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="write requirements.lock anew")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist")
    options = parser.parse_args()
    try:
        if options.lock:
            LOCK.write_text(lock(ROOT / "requirements.txt"))
            return 0
        wheels = fetch(LOCK, ROOT / "dist" / "wheels")
    except WheelsNotFetched as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    app = app_files(ROOT)
    libraries = library_files(wheels, app)
    code = byte_code(app | libraries)
    write(options.out, app | libraries | code)
    print(told(options.out / "sluice.zip", app, libraries, code))
    return 0


def write(folder: Path, files: Files) -> None:
    """Write sluice.zip, and app/ as Azure unpacks it."""
    unpacked = folder / "app"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)
    with zipfile.ZipFile(folder / "sluice.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
            place = unpacked / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    (unpacked / ".funcignore").write_text(_FOR_AZD)


def told(archive: Path, app: Files, libraries: Files, code: Files) -> str:
    """What was built, for people."""
    sizes: dict[str, int] = {}
    for name, content in libraries.items():
        top = name.removeprefix(f"{LIBRARIES}/").partition("/")[0]
        sizes[top] = sizes.get(top, 0) + len(content)
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    whole = _size(app) + _size(libraries) + _size(code)
    return "\n".join(
        [
            f"{archive}: {_megabytes(archive.stat().st_size)}, unpacked {_megabytes(whole)}",
            f"{len(app)} files of the app, {len(libraries)} of libraries",
            f"byte code of {len(code)} modules: {_megabytes(_size(code))}",
            "largest: " + ", ".join(f"{name} {_megabytes(size)}" for name, size in largest),
            f"sha256: {hashlib.sha256(archive.read_bytes()).hexdigest()}",
        ]
    )


def _size(files: Files) -> int:
    return sum(map(len, files.values()))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
