"""Freshservice: notes of tickets, which are HTML.

https://api.freshservice.com (tickets, conversations).
"""

import html
import json
import re
from dataclasses import dataclass

from shared.webhooks.tool import Freshservice
from shared.writeback.ports import Report
from shared.writeback.tools.client import ToolClient
from shared.writeback.tools.tickets import ticket_id

_TICKET = re.compile(r"[0-9]{1,18}")
_PAGE, _MOST_PAGES = 100, 10


@dataclass(frozen=True, slots=True)
class FreshserviceTickets:
    """Implements Tool."""

    form: Freshservice
    client: ToolClient

    async def tell(self, report: Report) -> None:
        """Write the note, if no conversation of the ticket has it."""
        ticket = f"/api/v2/tickets/{ticket_id(report.outcome, _TICKET)}"
        if not await self._has(ticket, report.note.marker):
            note = {"body": _html(report.note.texts()), "private": self.form.private}
            await self.client.write("POST", f"{ticket}/notes", note)

    async def _has(self, ticket: str, marker: str) -> bool:
        for page in range(1, _MOST_PAGES + 1):
            query = {"per_page": str(_PAGE), "page": str(page)}
            found = await self.client.read(
                f"{ticket}/conversations", query, lambda answer: list(answer["conversations"])
            )
            if marker in json.dumps(found):
                return True
            if len(found) < _PAGE:
                break
        return False


def _html(lines: tuple[str, ...]) -> str:
    """Text in which nothing is a tag, an entity or a {{placeholder}}."""
    return "<br>".join(html.escape(line).replace("{", "&#123;") for line in lines)
