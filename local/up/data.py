"""The folder in which one local stack keeps its data, its logs and its generated settings."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT_SECONDS = 10.0
"""How long the processes of an earlier stack on the same folder get to end."""


class FolderInUse(Exception):
    """Another local stack runs on the folder."""


@contextmanager
def claimed(folder: Path) -> Iterator[int]:
    """Hold `folder` for one stack; yields the lock as an open file for its processes to inherit.

    The lock lasts until the last process that holds the file is gone. So after a supervisor was
    killed, the next one waits for the old broker and not only for the old supervisor.
    Raises FolderInUse when the folder is not free within WAIT_SECONDS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while not _locked(lock):
            if time.monotonic() > deadline:
                raise FolderInUse(f"another local stack runs on {folder}")
            time.sleep(0.1)
        yield lock
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
