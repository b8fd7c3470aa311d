"""The stored objects of the tenant, and reads that lag behind writes."""

import copy
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

type Stored = dict[str, Any]
"""An object as Graph would show it, in Graph's own member names."""


class Kind(StrEnum):
    """The collections of the tenant, by the names the seed and the control API use."""

    DEVICE = "devices"
    MANAGED_DEVICE = "managedDevices"
    USER = "users"


@dataclass(slots=True)
class _Lag:
    before: Stored
    reads: int


class Objects:
    """Every object by kind and id; ids are GUIDs and compared in lower case."""

    def __init__(self) -> None:
        self._stored: dict[Kind, dict[str, Stored]] = {kind: {} for kind in Kind}
        self._lags: dict[tuple[Kind, str], _Lag] = {}

    def add(self, kind: Kind, stored: Mapping[str, Any]) -> Stored:
        """Add an object, or replace the one with its id; without an id it gets one."""
        added = dict(stored)
        added["id"] = str(added.get("id") or uuid.uuid4()).lower()
        self._stored[kind][added["id"]] = added
        return added

    def current(self, kind: Kind, object_id: str) -> Stored | None:
        """Return the object as it is, for the tenant itself to change."""
        return self._stored[kind].get(object_id.lower())

    def read(self, kind: Kind, object_id: str) -> Stored | None:
        """Return the object as a reader of Graph sees it, which may be as it was."""
        stored = self.current(kind, object_id)
        if stored is None:
            return None
        seen = self._seen(kind, object_id.lower(), stored)
        self._count_read(kind, object_id.lower())
        return seen

    def all(self, kind: Kind) -> Iterable[Stored]:
        """List the objects as they are, in the order they were added."""
        return self._stored[kind].values()

    def find(self, kind: Kind, wanted: Callable[[Stored], bool]) -> list[Stored]:
        """List the objects a reader of Graph sees and wants."""
        seen = [(key, self._seen(kind, key, now)) for key, now in self._stored[kind].items()]
        found = [(key, stored) for key, stored in seen if wanted(stored)]
        for key, _ in found:
            self._count_read(kind, key)
        return [stored for _, stored in found]

    def lag(self, kind: Kind, object_id: str, reads: int) -> None:
        """Let the next `reads` reads of the object show it as it is now."""
        stored = self.current(kind, object_id)
        if stored is not None and reads:
            self._lags[kind, object_id.lower()] = _Lag(copy.deepcopy(stored), reads)

    def _seen(self, kind: Kind, object_id: str, stored: Stored) -> Stored:
        lag = self._lags.get((kind, object_id))
        return lag.before if lag else stored

    def _count_read(self, kind: Kind, object_id: str) -> None:
        lag = self._lags.get((kind, object_id))
        if lag is not None:
            lag.reads -= 1
            if lag.reads == 0:
                del self._lags[kind, object_id]
