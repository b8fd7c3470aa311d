"""What a component writes: kept in a file of its own, and shown on standard error when asked."""

import sys
from pathlib import Path

TAIL_BYTES = 3000


class Log:
    """The log of one component, begun anew with each start of the stack."""

    def __init__(self, folder: Path, name: str, *, verbose: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self.path.write_bytes(b"")
        self._prefix = f"[{name}] "
        self._verbose = verbose
        self._unfinished = b""

    def write(self, chunk: bytes) -> None:
        """Keep `chunk`; show the lines that it completes."""
        with self.path.open("ab") as file:
            file.write(chunk)
        if self._verbose:
            *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
            for line in lines:
                print(self._prefix + line.decode(errors="replace"), file=sys.stderr)

    def tail(self) -> str:
        """Return the last lines, for a message that says why something failed."""
        return self.path.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
