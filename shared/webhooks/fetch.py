"""Thin mode: the ticket is read where it is, with a credential of our own.

Where to is in the source file; of the payload comes an id that fits a strict pattern, and nothing
else. So no field of a payload, however it is called, can send Sluice anywhere.
"""

import asyncio
import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from shared.changes.document import Limits, read_document
from shared.changes.problems import Problem, RequestRefused
from shared.faults import Transient
from shared.webhooks.credential import proof
from shared.webhooks.expressions import NotEvaluated
from shared.webhooks.mapping import read_ticket
from shared.webhooks.payload import MOST_LEVELS, Payload, TicketRefused
from shared.webhooks.source import Fetch
from shared.webhooks.sources import Loaded
from shared.webhooks.verifiers.secrets import SenderSecrets

LONGEST = 3.0
"""Seconds for one look in all. Senders wait five for an answer."""
MOST_BYTES = 1024 * 1024
LONGEST_ID = 128

_read = partial(
    read_document, limits=Limits(bytes=MOST_BYTES, levels=MOST_LEVELS, unfilled_passwords=True)
)


@dataclass(frozen=True, slots=True)
class TicketFetcher:
    """Reads tickets over HTTP."""

    secrets: SenderSecrets

    async def fetch(self, loaded: Loaded, payload: Payload) -> Payload:
        """The ticket that the payload names, in its place.

        Raises RequestRefused when there is no such ticket, Transient when it cannot be read now.
        """
        fetch = loaded.source.fetch
        assert fetch  # noqa: S101  Admission asks for sources that have it
        ticket_id = _ticket_id(fetch, payload)
        ticket = _ticket(fetch, _found(ticket_id, await self._get(fetch, ticket_id)))
        found = read_ticket(loaded.source, ticket)
        if found and found.id != ticket_id:
            raise _refused("another-ticket", "The answer is another ticket than was asked for.")
        return Payload(ticket, payload.event)

    async def _get(self, fetch: Fetch, ticket_id: str) -> bytes:
        url = fetch.url.replace("{id}", quote(ticket_id, safe=""))
        [secret, *_] = await self.secrets.read(fetch.slots)
        try:
            async with (
                httpx.AsyncClient(timeout=LONGEST, follow_redirects=False) as client,
                asyncio.timeout(LONGEST),
            ):
                answer = await client.get(url, auth=proof(fetch, secret))
        except (httpx.HTTPError, TimeoutError) as error:
            raise Transient("ticket-unavailable", type(error).__name__) from None
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise _refused("no-such-ticket", "The tool has no such ticket, or does not show it.")
        if answer.status_code != httpx.codes.OK:
            detail = f"The tool answered {answer.status_code} for the ticket."
            raise Transient("ticket-unavailable", detail)
        return answer.content


def _found(ticket_id: str, answer: bytes) -> Any:
    """What the tool answers. What is no JSON is a gateway's page; the sender's was not at fault."""
    try:
        return _read(answer)
    except RequestRefused as refused:
        if refused.first.code in ("not-json", "empty-body"):
            raise Transient("ticket-unavailable", "The answer is not JSON.") from None
        problems = [Problem(p.code, f"/fetch{p.pointer}", p.detail) for p in refused.problems]
        raise TicketRefused(ticket_id, problems) from None


def _ticket_id(fetch: Fetch, payload: Payload) -> str:
    try:
        found = fetch.id.of(payload.document)
    except NotEvaluated:
        found = None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    # The length first: a pattern is somebody's own, and may take its time over a long text.
    ticket_id = found if isinstance(found, str) and len(found) <= LONGEST_ID else ""
    if not ticket_id or not re.fullmatch(fetch.pattern, ticket_id):
        raise _refused("not-an-id", "The payload does not name a ticket as this source does.")
    return ticket_id


def _ticket(fetch: Fetch, answer: Any) -> dict[str, Any]:
    try:
        ticket = fetch.into.of(answer) if fetch.into else answer
    except NotEvaluated:
        ticket = None
    if not isinstance(ticket, dict):
        raise _refused("no-such-ticket", "The tool's answer does not hold a ticket.")
    return ticket


def _refused(code: str, detail: str) -> RequestRefused:
    return RequestRefused(422, [Problem(code, "/fetch", detail)])
