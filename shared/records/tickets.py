"""The newest version seen of each ticket, in Table Storage."""

import hashlib

from azure.core import MatchConditions
from azure.core.exceptions import (
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.records.tables import TICKETS, Tables


class TableTickets:
    """Implements Tickets: one partition per source, one row per ticket."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def see(self, source: str, ticket: str, version: str) -> bool:
        """Whether this version is the newest so far, or equal to it; then it is kept."""
        row = hashlib.sha256(ticket.encode()).hexdigest()
        entity = {"PartitionKey": source, "RowKey": row, "ticket": ticket, "version": version}
        while True:
            try:
                await self._tables.writing(TICKETS, lambda table: table.create_entity(entity))
            except ResourceExistsError:
                pass
            else:
                return True
            try:
                seen = await self._tables[TICKETS].get_entity(source, row)
                if seen["version"] >= version:
                    return bool(seen["version"] == version)
                await self._tables[TICKETS].update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=seen.metadata["etag"],
                    match_condition=MatchConditions.IfNotModified,
                )
            except (ResourceModifiedError, ResourceNotFoundError):
                continue  # somebody else saw an event of the ticket just now: look again
            else:
                return True
