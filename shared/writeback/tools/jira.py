"""Jira Cloud: comments in the Atlassian Document Format, and transitions by their names.

https://developer.atlassian.com/cloud/jira/platform/rest/v3 (issue comments, transitions).
"""

import json
import logging
import re
from dataclasses import dataclass
from typing import Any

from shared.faults import Permanent
from shared.webhooks.tool import Jira
from shared.writeback.ports import Report
from shared.writeback.tools.client import ToolClient
from shared.writeback.tools.tickets import ticket_id

_ISSUE = re.compile(r"[0-9]{1,18}|[A-Z][A-Z0-9_]{1,99}-[0-9]{1,18}")
_COMMENTS_READ = 100
"""The last ones: a repeat comes within hours."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JiraIssues:
    """Implements Tool. The comment comes last: once it is there, everything is done."""

    form: Jira
    client: ToolClient

    async def tell(self, report: Report) -> None:
        """Take the transition that the source file has for the state, then comment."""
        issue = f"/rest/api/3/issue/{ticket_id(report.outcome, _ISSUE)}"
        if await self._has(issue, report.note.marker):
            return
        wanted = self.form.transitions.get(report.outcome.state) if report.outcome.id else None
        remark = await self._move(issue, wanted) if wanted else None
        comment: dict[str, Any] = {"body": _document(report.note.texts(remark))}
        if self.form.internal:
            comment["properties"] = [{"key": "sd.public.comment", "value": {"internal": True}}]
        await self.client.write("POST", f"{issue}/comment", comment)

    async def _has(self, issue: str, marker: str) -> bool:
        query = {"orderBy": "-created", "maxResults": str(_COMMENTS_READ)}
        return await self.client.read(
            f"{issue}/comment", query, lambda found: marker in json.dumps(found["comments"])
        )

    async def _move(self, issue: str, wanted: str) -> str | None:
        """Move the issue; what is to be said where it cannot be moved."""
        query = {"fields": "status", "expand": "transitions"}
        there, leads = await self.client.read(issue, query, lambda found: _way(found, wanted))
        if there:
            return None
        if leads is None:
            _log.warning("an issue offers no transition as the source file names it")
            return f"The issue was not moved: it offers no transition {wanted} now."
        try:
            body = {"transition": {"id": leads}}
            await self.client.write("POST", f"{issue}/transitions", body)
        except Permanent as refused:
            # A screen with fields that somebody has to fill.
            if refused.code not in ("tool-refused", "tool-forbids"):
                raise
            _log.warning("an issue was not moved as the source file says: %s", refused.detail)
            return f"The issue was not moved. {refused.detail}"
        return None


def _way(issue: Any, wanted: str) -> tuple[bool, str | None]:
    """Whether the issue is there already, else the id of the transition to take.

    A transition can be named by itself, or by the status that it leads to.
    """
    leads = [t["id"] for t in issue["transitions"] if wanted in (t["name"], t["to"]["name"])]
    return issue["fields"]["status"]["name"] == wanted, leads[0] if leads else None


def _document(lines: tuple[str, ...]) -> dict[str, Any]:
    """Structure, not markup: whatever stands in a text stays text."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": t}]} for t in lines]
    return {"version": 1, "type": "doc", "content": paragraphs}
