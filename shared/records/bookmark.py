"""Where a timer that goes over the register in pieces goes on."""

from azure.core.exceptions import ResourceNotFoundError

from shared.records.tables import REGISTER, Tables

_PARTITION = "bookmarks"


class TableBookmark:
    """`Bookmark` in Table Storage, beside the register."""

    def __init__(self, tables: Tables, name: str) -> None:
        self._tables, self._name = tables, name

    async def read(self) -> str | None:
        """The account behind which to go on; None: from the beginning."""
        try:
            entity = await self._tables[REGISTER].get_entity(_PARTITION, self._name)
        except ResourceNotFoundError:
            return None
        return str(entity["after"]) or None

    async def write(self, after: str | None) -> None:
        """Keep it; of two at once either may stay, for going over an account twice does no harm."""
        entity = {"PartitionKey": _PARTITION, "RowKey": self._name, "after": after or ""}
        await self._tables.writing(REGISTER, lambda table: table.upsert_entity(entity))
