"""What bulk changes need of a store, beside the records of all changes."""

from collections.abc import Sequence
from typing import Protocol

from shared.changes.operation import Json


class Targets(Protocol):
    """The targets of bulk changes, by the fingerprint of the request that they came with."""

    async def put(self, fingerprint: str, targets: Sequence[Json]) -> None:
        """Keep the targets of a request; doing it again does nothing."""

    async def some(self, fingerprint: str, start: int, stop: int) -> list[Json]:
        """The targets from index `start` to before `stop`."""
