"""The changes that the policy holds, in Table Storage: a row each beside the cells."""

from azure.core.exceptions import ResourceNotFoundError

from shared.policy.ports import HeldChange
from shared.records.tables import POLICY, Tables

_PARTITION = "held"


class TableHeld:
    """Implements Held."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, held: HeldChange) -> None:
        """Note it, again if need be."""
        entity = {
            "PartitionKey": _PARTITION,
            "RowKey": held.operation,
            "rule": held.rule,
            "at": held.at,
        }
        await self._tables.writing(POLICY, lambda table: table.upsert_entity(entity))

    async def by(self, rule: str | None) -> list[HeldChange]:
        """Those that this rule holds, or any; the oldest first."""
        rows = self._tables[POLICY].query_entities(
            "PartitionKey eq @partition" + (" and rule eq @rule" if rule else ""),
            parameters={"partition": _PARTITION, "rule": rule or ""},
        )
        try:
            found = [HeldChange(row["RowKey"], row["rule"], row["at"]) async for row in rows]
        except ResourceNotFoundError:  # no table yet: nothing was ever held
            return []
        return sorted(found, key=lambda each: each.at)

    async def remove(self, held: HeldChange) -> None:
        """Take its row away, if it is there."""
        await self._tables[POLICY].delete_entity(_PARTITION, held.operation)
