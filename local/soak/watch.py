"""What the host holds as time goes by, and what its log says of locks."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.memory import Held, held_by

_REDELIVERED = re.compile(rb"^(?!.*outcome=reject).*\bdelivery=(?:[2-9]|\d\d)\b", re.MULTILINE)
"""What is rejected comes again at once, by intent, until it is in the dead-letter queue."""
_LOST = re.compile(rb"session lost|LockLost")
_FEWEST = 3
"""Samples."""
_WARM_UP = 1 / 3
"""The part of a process's life in which it still loads, caches and grows its pools."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process held when so many changes were done."""

    pid: int
    changes: int
    held: Held


@dataclass(frozen=True, slots=True)
class Growth:
    """For each 1,000 changes, over the longest life of a host behind its warm-up."""

    rss: float
    """MiB."""
    files: float
    changes: int
    """That it was measured over."""

    @classmethod
    def of(cls, samples: list[Sample]) -> Self:
        """By least squares; nothing where too little was seen."""
        lives: dict[int, list[Sample]] = {}
        for each in samples:
            lives.setdefault(each.pid, []).append(each)
        longest = max(lives.values(), key=len, default=[])
        steady = longest[int(len(longest) * _WARM_UP) :]
        if len(steady) < _FEWEST:
            return cls(0.0, 0.0, 0)
        done = [each.changes / 1_000 for each in steady]
        return cls(
            _slope(done, [each.held.rss for each in steady]),
            _slope(done, [float(each.held.files) for each in steady]),
            steady[-1].changes - steady[0].changes,
        )


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


def _slope(xs: list[float], ys: list[float]) -> float:
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    both = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    return both / spread if spread else 0.0
