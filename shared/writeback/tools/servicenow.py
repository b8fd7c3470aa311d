"""ServiceNow: journal entries of a record, by the Table API.

https://www.servicenow.com/docs (REST API reference, Table API). A journal field appends whatever it
is given, so the journal is read before. Reading `sys_journal_field` needs a right of its own.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.faults import Permanent
from shared.webhooks.tool import ServiceNow
from shared.writeback.ports import Report
from shared.writeback.tools.client import ToolClient
from shared.writeback.tools.tickets import ticket_id

_SYS_ID = re.compile(r"[0-9a-f]{32}")
_TABLE_API = "/api/now/table"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceNowRecords:
    """Implements Tool. Fields and note are one update, which happens whole or not."""

    form: ServiceNow
    client: ToolClient

    async def tell(self, report: Report) -> None:
        """Write the note into the journal, and set what the source file says for the state."""
        record = ticket_id(report.outcome, _SYS_ID)
        if await self._has(record, report.note.marker):
            return
        fields = self.form.fields.get(report.outcome.state, {}) if report.outcome.id else {}
        remark = None
        if fields:
            try:
                await self._update(record, {**fields, self.form.note: _text(report.note.texts())})
            except Permanent as refused:
                # Mandatory fields, data policies: people have to hear of the change all the same.
                if refused.code not in ("tool-refused", "tool-forbids"):
                    raise
                _log.warning("a record was not set as the source file says: %s", refused.detail)
                remark = f"The record was not updated otherwise. {refused.detail}"
            else:
                return
        await self._update(record, {self.form.note: _text(report.note.texts(remark))})

    async def _has(self, record: str, marker: str) -> bool:
        query = {
            "sysparm_query": f"element_id={record}^element={self.form.note}^valueLIKE{marker}",
            "sysparm_fields": "sys_id",
            "sysparm_limit": "1",
        }
        path = f"{_TABLE_API}/sys_journal_field"
        return await self.client.read(path, query, lambda found: bool(found["result"]))

    async def _update(self, record: str, fields: Mapping[str, str]) -> None:
        await self.client.write("PATCH", f"{_TABLE_API}/{self.form.table}/{record}", fields)


def _text(lines: tuple[str, ...]) -> str:
    """Plain text: journals render what stands between [code] and [/code], and @[…] as a person."""
    *others, marker = lines
    return "\n".join([*(line.replace("[", "[ ") for line in others), marker])
