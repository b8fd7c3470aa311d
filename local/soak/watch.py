"""What the host holds as time goes by, and what its log says of locks."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from local.memory import Held, held_by

_REDELIVERED = re.compile(rb"^(?!.*outcome=reject).*\bdelivery=(?:[2-9]|\d\d)\b", re.MULTILINE)
"""What is rejected comes again at once, by intent, until it is in the dead-letter queue."""
_LOST = re.compile(rb"session lost|LockLost")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process held when so many changes were done."""

    pid: int
    changes: int
    held: Held


@dataclass(frozen=True, slots=True)
class Growth:
    """What the host came to hold more, over the longest life of one.

    Between the middle third of that life and the last: in the first it still loads, caches and
    fills its pools. The medians of each, for files come and go.
    """

    rss: float
    """MiB."""
    files: float
    changes: int
    """That were done meanwhile."""

    @classmethod
    def of(cls, samples: list[Sample]) -> Self:
        """Nothing where too little was seen."""
        lives: dict[int, list[Sample]] = {}
        for each in samples:
            lives.setdefault(each.pid, []).append(each)
        longest = max(lives.values(), key=len, default=[])
        third = len(longest) // 3
        if not third:
            return cls(0.0, 0.0, 0)
        before, now = longest[third:-third], longest[-third:]
        return cls(
            median(each.held.rss for each in now) - median(each.held.rss for each in before),
            median(each.held.files for each in now) - median(each.held.files for each in before),
            round(median(each.changes for each in now) - median(each.changes for each in before)),
        )

    def for_each(self, changes: int) -> tuple[float, float]:
        """MiB and files for so many changes."""
        part = changes / max(self.changes, 1)
        return self.rss * part, self.files * part


class Watch:
    """Takes samples of the host, and reads on in its log."""

    def __init__(self, log: Path) -> None:
        self._log, self._read = log, 0
        self.samples: list[Sample] = []
        self.redelivered = self.lost = self.unexplained = 0

    def look(self, pid: int, changes: int, *, explained: bool) -> None:
        """Take a sample; what comes twice has to be explained by a disturbance."""
        with suppress(ProcessLookupError):
            self.samples.append(Sample(pid, changes, held_by(pid)))
        text = self._new_lines()
        again, lost = len(_REDELIVERED.findall(text)), len(_LOST.findall(text))
        self.redelivered += again
        self.lost += lost
        self.unexplained += 0 if explained else again + lost

    def _new_lines(self) -> bytes:
        if not self._log.exists():
            return b""
        with self._log.open("rb") as log:
            if log.seek(0, 2) < self._read:
                self._read = 0  # it was begun anew
            log.seek(self._read)
            text = log.read()
        end = text.rfind(b"\n") + 1
        self._read += end
        return text[:end]
