"""What became of the targets of bulk changes, in Table Storage.

A partition for each bulk change; in it a row for each turn of a target that something came of, so
that nobody ever writes over what another one knows better:

    <index>.<turn>
"""

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from shared.changes.states import State
from shared.records.ports import TargetResult
from shared.records.tables import BULK_RESULTS, Entity, Tables


class TableTargetResults:
    """`TargetResults` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, bulk: str, result: TargetResult) -> None:
        """Record it; doing it again does nothing."""
        row = _row(bulk, result)
        await self._tables.writing(BULK_RESULTS, lambda table: table.upsert_entity(row))

    async def reopen(self, bulk: str, result: TargetResult) -> None:
        """Record that a target is under way again, unless its turn has a result already."""
        row = _row(bulk, result)
        try:
            await self._tables.writing(BULK_RESULTS, lambda table: table.create_entity(row))
        except ResourceExistsError:
            return

    async def all(self, bulk: str) -> list[TargetResult]:
        """The results that hold, by index: a thousand rows a request."""
        rows = self._tables[BULK_RESULTS].query_entities(
            "PartitionKey eq @bulk", parameters={"bulk": bulk}
        )
        latest: dict[int, TargetResult] = {}
        try:
            async for row in rows:  # in the order of their keys
                result = _result(row)
                latest[result.index] = result
        except ResourceNotFoundError:  # no table yet: nothing has ended
            return []
        return list(latest.values())


def _row(bulk: str, result: TargetResult) -> dict[str, str | int]:
    row: dict[str, str | int | None] = {
        "PartitionKey": bulk,
        "RowKey": f"{result.index:05d}.{result.turn:010d}",
        "state": str(result.state),
        "change": result.change,
        "code": result.code,
        "detail": result.detail,
    }
    return {name: value for name, value in row.items() if value is not None}


def _result(row: Entity) -> TargetResult:
    index, _, turn = row["RowKey"].partition(".")
    return TargetResult(
        int(index),
        State(row["state"]),
        int(turn),
        row.get("change"),
        row.get("code"),
        row.get("detail"),
    )
