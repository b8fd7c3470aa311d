"""What a process holds, read from /proc."""

from dataclasses import dataclass
from pathlib import Path

_MIB = 1024.0
"""/proc counts in KiB."""


@dataclass(frozen=True, slots=True)
class Held:
    """By one process at one moment."""

    rss: float
    """MiB of memory that is resident."""
    files: int
    """Open files, sockets among them."""
    sockets: int


def held_by(pid: int) -> Held:
    """What a process holds; raises ProcessLookupError where there is none."""
    try:
        return Held(_kib(pid, "VmRSS") / _MIB, *_open(Path(f"/proc/{pid}/fd")))
    except (OSError, LookupError):
        raise ProcessLookupError(pid) from None


def peak_of(pid: int) -> float:
    """The most MiB that were resident at once."""
    return _kib(pid, "VmHWM") / _MIB


def cpu_of(pid: int) -> float:
    """Seconds of CPU that the process has used, in all of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # ticks, of which Linux tells 100 a second


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return int(values[name].split()[0])


def _open(folder: Path) -> tuple[int, int]:
    files = sockets = 0
    for each in folder.iterdir():
        try:
            sockets += each.readlink().name.startswith("socket:")
        except OSError:
            continue  # closed since it was listed
        files += 1
    return files, sockets
