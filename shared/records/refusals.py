"""Refused messages, in Table Storage."""

import hashlib
import json

from azure.core.exceptions import ResourceNotFoundError

from shared.changes.problems import Problem
from shared.records.ports import Refusal
from shared.records.tables import REFUSALS, Tables


class TableRefusals:
    """`Refusals` in Table Storage, one partition per queue."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, refusal: Refusal) -> None:
        """Record the refusal, over an earlier one of the same message id."""
        problems = [[p.code, p.pointer, p.detail] for p in refusal.problems[:20]]
        entity = {
            "PartitionKey": refusal.queue,
            "RowKey": _row(refusal.message_id),
            "messageId": refusal.message_id,
            "problems": json.dumps(problems),
            "refusedAt": refusal.at,
        }
        await self._tables.writing(REFUSALS, lambda table: table.upsert_entity(entity))

    async def get(self, queue: str, message_id: str) -> Refusal | None:
        """The refusal of that message, or None."""
        try:
            entity = await self._tables[REFUSALS].get_entity(queue, _row(message_id))
        except ResourceNotFoundError:
            return None
        problems = tuple(Problem(*parts) for parts in json.loads(entity["problems"]))
        return Refusal(queue, message_id, problems, entity["refusedAt"])


def _row(message_id: str) -> str:
    """Message ids may hold characters that keys may not."""
    return hashlib.sha256(message_id.encode()).hexdigest()
