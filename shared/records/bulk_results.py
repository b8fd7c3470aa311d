"""What became of the targets of bulk changes, in Table Storage.

A partition for each bulk change. In it a row for each turn of a target that something came of, so
that nobody ever writes over what another one knows better; and beside it, until the bulk change
has counted it, a row that says that there is news. Both are written in one transaction, and whoever
counts reads the news and the blocks that it is of, never all rows:

    <index>.<turn>                what became of it
    news.<index>.<turn>.<state>   not counted yet
"""

from collections.abc import Sequence
from itertools import batched
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableErrorCode, TableTransactionError

from shared.changes.states import State
from shared.records.ports import News, TargetResult
from shared.records.register_table import MOST_WRITES
from shared.records.tables import BULK_RESULTS, Entity, Tables, says

_GONE = (TableErrorCode.RESOURCE_NOT_FOUND, TableErrorCode.ENTITY_NOT_FOUND)


class TableTargetResults:
    """`TargetResults` in Table Storage."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, bulk: str, result: TargetResult) -> None:
        """Record it as news; doing it again is news again, of the same."""
        await self._write([("upsert", _row(bulk, result)), ("upsert", _news_row(bulk, result))])

    async def reopen(self, bulk: str, result: TargetResult) -> None:
        """Record that a target is under way again, unless its turn has a result already."""
        try:
            await self._write([("create", _row(bulk, result)), ("upsert", _news_row(bulk, result))])
        except (ResourceExistsError, TableTransactionError) as error:
            if not says(error, TableErrorCode.ENTITY_ALREADY_EXISTS):
                raise

    async def some(self, bulk: str, start: int, stop: int) -> list[TargetResult]:
        """The results that hold of the targets from `start` to before `stop`, by index."""
        rows = await self._rows(bulk, f"{start:05d}", f"{stop:05d}")
        latest: dict[int, TargetResult] = {}
        for row in rows:  # in the order of their keys
            result = _result(row)
            latest[result.index] = result
        return list(latest.values())

    async def news(self, bulk: str) -> list[News]:
        """What is not counted yet: a thousand rows a request."""
        return [_news(row) for row in await self._rows(bulk, "news.", "news/")]

    async def heard(self, bulk: str, news: Sequence[News]) -> None:
        """Take it away: it is counted. What another turn took away first is no matter."""
        for some in batched(news, MOST_WRITES, strict=False):
            try:
                await self._write([("delete", _keys(bulk, _news_key(each))) for each in some])
            except (ResourceNotFoundError, TableTransactionError) as error:
                if not any(says(error, code) for code in _GONE):
                    raise

    async def _write(self, writes: list[tuple[str, dict[str, Any]]]) -> None:
        await self._tables.writing(BULK_RESULTS, lambda table: table.submit_transaction(writes))

    async def _rows(self, bulk: str, begin: str, end: str) -> list[Entity]:
        rows = self._tables[BULK_RESULTS].query_entities(
            "PartitionKey eq @bulk and RowKey ge @begin and RowKey lt @end",
            parameters={"bulk": bulk, "begin": begin, "end": end},
        )
        try:
            return [row async for row in rows]
        except ResourceNotFoundError:  # no table yet: nothing has ended
            return []


def _row(bulk: str, result: TargetResult) -> dict[str, str | int]:
    row: dict[str, str | int | None] = {
        **_keys(bulk, f"{result.index:05d}.{result.turn:010d}"),
        "state": str(result.state),
        "change": result.change,
        "code": result.code,
        "detail": result.detail,
    }
    return {name: value for name, value in row.items() if value is not None}


def _news_row(bulk: str, result: TargetResult) -> dict[str, str]:
    return _keys(bulk, _news_key(News(result.index, result.turn, result.state)))


def _news_key(news: News) -> str:
    return f"news.{news.index:05d}.{news.turn:010d}.{news.state}"


def _keys(bulk: str, row: str) -> dict[str, str]:
    return {"PartitionKey": bulk, "RowKey": row}


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


def _news(row: Entity) -> News:
    _, index, turn, state = row["RowKey"].split(".")
    return News(int(index), int(turn), State(state))
