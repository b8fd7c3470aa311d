"""Identifiers that turned out to be a device, in Table Storage."""

from azure.core.exceptions import ResourceNotFoundError

from shared.records.tables import ALIASES, Tables


class TableAliases:
    """`Aliases` in Table Storage. A device never changes its identifiers, so none ever ages."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def find(self, address: str) -> str | None:
        """The device of an address; one that names its device needs no look-up."""
        if address.startswith("device:"):
            return address
        try:
            entity = await self._tables[ALIASES].get_entity(address, "alias")
        except ResourceNotFoundError:
            return None
        return str(entity["device"])

    async def learn(self, address: str, device: str) -> None:
        """Remember the device of an address."""
        entity = {"PartitionKey": address, "RowKey": "alias", "device": device}
        await self._tables.writing(ALIASES, lambda table: table.upsert_entity(entity))
