"""What Graph saw of a drain, judged: how much of the quota was used, and whether all is right."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import httpx

from local.bench.changes import Change, Service

_OK, _THROTTLED = 300, 429


@dataclass(frozen=True)
class Quota:
    """So many writes in any so many seconds."""

    writes: int
    seconds: float

    def used(self, times: Sequence[float]) -> float:
        """How much of it was used by writes at these times, from the end of the first span on.

        The first one may be filled at once, which would count for more than there is in the end.
        """
        begin = times[0] + self.seconds
        counted = sum(at > begin for at in times)
        return counted / self.writes * self.seconds / max(times[-1] - begin, 0.001)


@dataclass(frozen=True)
class Drained:
    """What became of the changes of a drain."""

    used: float
    """How much of the quota was used until the last write, see Quota."""
    backlog: float
    """The same until 95 % were written: while there was a backlog."""
    throttled: float
    """The share of the answers that were 429."""
    dead: int
    seconds: float
    wrong: int
    """Devices that do not have the value of their last change, or not in order."""
    overlapping: int
    """Writes that began before the one before on the same device had ended."""
    twice: int
    """Changes that were written more than once."""

    @classmethod
    def of(
        cls, entries: Sequence[dict[str, Any]], changes: Sequence[Change], quota: Quota, dead: int
    ) -> Self:
        """Judge the writes that a journal has of these changes."""
        written = sorted((e for e in entries if e["status"] < _OK), key=lambda e: float(e["at"]))
        at = [float(entry["at"]) for entry in written]
        names, by_device = defaultdict[str, list[str]](list), defaultdict[str, list[Any]](list)
        for entry in written:
            names[_device(entry)].append(name_of(entry))
            by_device[_device(entry)].append(entry)
        wanted = defaultdict[str, list[str]](list)
        for change in changes:
            wanted[change.device].append(change.name)
        times = Counter((device, name) for device, said in names.items() for name in said)
        return cls(
            used=quota.used(at),
            backlog=quota.used(at[: int(len(at) * 0.95)]),
            throttled=sum(e["status"] == _THROTTLED for e in entries) / len(entries),
            dead=dead,
            seconds=at[-1] - at[0],
            wrong=sum(list(dict.fromkeys(names[each])) != wanted[each] for each in wanted),
            overlapping=sum(
                before["finishedAt"] > after["at"]
                for said in by_device.values()
                for before, after in pairwise(said)
            ),
            twice=sum(count > 1 for count in times.values()),
        )


async def seen(http: httpx.AsyncClient, graph: str) -> list[dict[str, Any]]:
    """The answered writes, from the stand-in's journal."""
    query = {"method": "PATCH"}
    answer = await http.get(f"{graph}/_control/journal", params=query)
    return [entry for entry in answer.raise_for_status().json() if entry["status"]]


def of_service(entry: dict[str, Any], service: Service) -> bool:
    """Whether it was a write to that service."""
    return f"/{service.collection}/" in str(entry["path"])


def name_of(entry: dict[str, Any]) -> str:
    """What a write called the device."""
    [name] = entry["body"].values()
    return str(name)


def _device(entry: dict[str, Any]) -> str:
    return str(entry["path"]).rpartition("/")[2]
