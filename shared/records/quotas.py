"""The windows of the quotas in Table Storage: one entity each, changed by compare and swap."""

import json
from dataclasses import fields

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.faults import Transient
from shared.quota.ports import Stored, WindowChanged
from shared.quota.window import Window
from shared.records.tables import QUOTAS, Tables


class TableWindows:
    """`Windows` in Table Storage, one partition per quota."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def read(self, quota: str) -> Stored:
        """The window as it is."""
        try:
            entity = await self._tables[QUOTAS].get_entity(quota, "window")
        except ResourceNotFoundError:
            return Stored(Window(), None)
        except HttpResponseError as error:
            raise Transient("records-unavailable", type(error).__name__) from None
        members = json.loads(entity["window"])
        lists = {name: tuple(members[name]) for name in ("counts", "behind")}
        window = Window(**members | lists)
        return Stored(window, str(entity.metadata["etag"]))

    async def write(self, quota: str, window: Window, etag: str | None) -> Stored:
        """Write it if it is still as it was read. Raises WindowChanged."""
        members = {field.name: getattr(window, field.name) for field in fields(window)}
        entity = {
            "PartitionKey": quota,
            "RowKey": "window",
            "window": json.dumps(members, separators=(",", ":")),
        }
        try:
            if etag is None:
                written = await self._tables.writing(
                    QUOTAS, lambda table: table.create_entity(entity)
                )
            else:
                written = await self._tables[QUOTAS].update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                )
        except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
            raise WindowChanged(quota) from None
        except HttpResponseError as error:
            raise Transient("records-unavailable", type(error).__name__) from None
        return Stored(window, str(written["etag"]))
