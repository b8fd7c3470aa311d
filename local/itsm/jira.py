"""Jira Cloud: comments in the document format, a workflow, and the webhook of an administrator."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from aiohttp import web

from local.standins.exchange import EFFECT

from .desk import SLUICE, Clock, Json, Refusal, Tell, Ticket, found

ACCOUNT = "557058:5100ce00-0000-4000-8000-000000000000"
"""The account of the user that Sluice writes back as."""

_WORKFLOW = {
    "Waiting for approval": [("31", "Approve", "Approved")],
    "Approved": [("41", "Resolve this issue", "Done"), ("51", "Reopen", "Waiting for approval")],
    "Done": [("51", "Reopen", "Waiting for approval")],
}


class Jira:
    """One project with one workflow. Ids of transitions are known by status only, as in Jira."""

    name = "jira"

    def __init__(self, password: str, clock: Clock, tell: Tell) -> None:
        self._password, self._clock, self._tell = password, clock, tell
        self.tickets: dict[str, Ticket] = {}

    def routes(self) -> list[web.RouteDef]:
        """Issues, their comments and their transitions."""
        issue = "/rest/api/3/issue/{id}"
        return [
            web.get(issue, self._get),
            web.get(f"{issue}/comment", self._comments),
            web.post(f"{issue}/comment", self._comment),
            web.post(f"{issue}/transitions", self._transition),
        ]

    def authorized(self, authorization: str) -> bool:
        """An API token, as the password of the user."""
        pair = base64.b64encode(f"{SLUICE}:{self._password}".encode()).decode()
        return authorization == f"Basic {pair}"

    def refusal(self, status: int) -> Json:
        """As Jira words errors."""
        return {"errorMessages": [f"Error {status}"], "errors": {}}

    def throttled(self, limit: int, wait: int) -> Mapping[str, str]:  # noqa: ARG002  as Tool has it
        """Jira tells how many were left, too."""
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0"}

    def add(self, ticket_id: str, fields: Json) -> None:
        """Put an issue into the project."""
        self.tickets[ticket_id] = Ticket(ticket_id, {"summary": "", **fields})

    def edit(self, ticket_id: str, fields: Json, by: str) -> None:
        """Change fields; `status` is one of the workflow's."""
        ticket = found(self.tickets, ticket_id)
        items = [{"field": name, "fieldId": name, "toString": str(fields[name])} for name in fields]
        if "status" in fields:
            fields = {**fields, "status": {"name": fields["status"]}}
        ticket.fields |= fields
        self._send("jira:issue_updated", ticket, by, changelog={"items": items})

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """The signature of a webhook with a secret."""
        return {
            "X-Hub-Signature": "sha256="
            + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        }

    def _send(self, event: str, ticket: Ticket, by: str, **members: object) -> None:
        issue = {"id": ticket.id, "key": f"DEV-{ticket.id}", "fields": ticket.fields}
        user = {"accountId": by, "accountType": "atlassian"}
        stamp = int(self._clock() * 1000)
        told = {"timestamp": stamp, "webhookEvent": event, "user": user, "issue": issue}
        self._tell(self.name, told | members)

    async def _get(self, request: web.Request) -> web.Response:
        ticket = found(self.tickets, request.match_info["id"])
        status = ticket.fields["status"]["name"]
        offered = [{"id": i, "name": n, "to": {"name": to}} for i, n, to in _WORKFLOW[status]]
        return web.json_response(
            {"id": ticket.id, "fields": {"status": {"name": status}}, "transitions": offered}
        )

    async def _comments(self, request: web.Request) -> web.Response:
        ticket = found(self.tickets, request.match_info["id"])
        most = int(request.query.get("maxResults", "50"))
        comments = ticket.notes[::-1] if "-" in request.query.get("orderBy", "") else ticket.notes
        return web.json_response({"total": len(ticket.notes), "comments": comments[:most]})

    async def _comment(self, request: web.Request) -> web.Response:
        ticket = found(self.tickets, request.match_info["id"])
        sent = await request.json()
        text = _text_of(sent.get("body"))
        if text is None:
            raise Refusal(400, {"errorMessages": [], "errors": {"comment": "INVALID_INPUT"}})
        comment = ticket.note(sent["body"], properties=sent.get("properties", []))
        request[EFFECT] = True
        self._send("comment_created", ticket, ACCOUNT, comment={"id": comment["id"], "body": text})
        return web.json_response(comment, status=201)

    async def _transition(self, request: web.Request) -> web.Response:
        ticket = found(self.tickets, request.match_info["id"])
        wanted = (await request.json())["transition"]["id"]
        offered = _WORKFLOW[ticket.fields["status"]["name"]]
        leads = next((to for i, _, to in offered if i == wanted), None)
        if leads is None:
            raise Refusal(400, self.refusal(400))
        self.edit(ticket.id, {"status": leads}, ACCOUNT)
        request[EFFECT] = True
        return web.Response(status=204)


def _text_of(document: object) -> str | None:
    """What a comment says, one line a paragraph; None for what is no document."""
    match document:
        case {"version": 1, "type": "doc", "content": [*paragraphs]} if paragraphs:
            lines = [_line_of(each) for each in paragraphs]
            return None if None in lines else "\n".join(str(line) for line in lines)
        case _:
            return None


def _line_of(paragraph: object) -> str | None:
    match paragraph:
        case {"type": "paragraph", "content": [{"type": "text", "text": str(text)}]} if text:
            return text
        case _:
            return None
