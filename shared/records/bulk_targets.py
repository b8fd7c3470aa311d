"""The targets of bulk changes, in Table Storage.

They are kept under the fingerprint of the request that they came with, before it is on record: two
requests never write over each other's, and the same request writes the same again.
"""

import json
from collections.abc import Sequence
from itertools import batched, chain

from shared.changes.operation import Json
from shared.records.tables import BULK_TARGETS, Tables

_TOGETHER = 16
"""Targets in one entity: the longest, of 1,700 characters, fit a string property of 32 Ki."""
_MOST_IN_TRANSACTION = 50
"""Entities: the longest fit 4 MiB, however their characters are escaped."""


class TableTargets:
    """`Targets` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, fingerprint: str, targets: Sequence[Json]) -> None:
        """Keep the targets of a request; doing it again does nothing."""
        rows = [
            {"PartitionKey": fingerprint, "RowKey": _key(number), "targets": _text(together)}
            for number, together in enumerate(batched(targets, _TOGETHER, strict=False))
        ]
        for some in batched(rows, _MOST_IN_TRANSACTION, strict=False):
            await self._put([("upsert", row) for row in some])

    async def _put(self, writes: list[tuple[str, dict[str, str]]]) -> None:
        await self._tables.writing(BULK_TARGETS, lambda table: table.submit_transaction(writes))

    async def some(self, fingerprint: str, start: int, stop: int) -> list[Json]:
        """The targets from index `start` to before `stop`."""
        first = start // _TOGETHER
        rows = self._tables[BULK_TARGETS].query_entities(
            "PartitionKey eq @fingerprint and RowKey ge @first and RowKey le @last",
            parameters={
                "fingerprint": fingerprint,
                "first": _key(first),
                "last": _key((stop - 1) // _TOGETHER),
            },
        )
        found = list(chain.from_iterable([json.loads(row["targets"]) async for row in rows]))
        return found[start - first * _TOGETHER : stop - first * _TOGETHER]


def _key(number: int) -> str:
    return f"{number:05d}"


def _text(targets: Sequence[Json]) -> str:
    return json.dumps(targets, separators=(",", ":"), ensure_ascii=False)
