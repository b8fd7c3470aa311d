"""Freshservice: tickets, notes among their conversations, and a workflow that tells of updates."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from local.standins.exchange import EFFECT

from .desk import Clock, Json, Refusal, Tell, Ticket, found


class Freshservice:
    """The API key is the user name. An update says which ticket, and nothing of it."""

    name = "freshservice"

    def __init__(self, password: str, clock: Clock, tell: Tell) -> None:
        self._password, self._clock, self._tell = password, clock, tell
        self.tickets: dict[str, Ticket] = {}

    def routes(self) -> list[web.RouteDef]:
        """Tickets, their conversations and notes."""
        ticket = "/api/v2/tickets/{id}"
        return [
            web.get(ticket, self._get),
            web.get(f"{ticket}/conversations", self._conversations),
            web.post(f"{ticket}/notes", self._note),
        ]

    def authorized(self, authorization: str) -> bool:
        """The key as the user name of basic authentication; nobody looks at the password."""
        scheme, _, pair = authorization.partition(" ")
        try:
            user = base64.b64decode(pair).decode().partition(":")[0]
        except ValueError:
            return False
        return scheme == "Basic" and user == self._password

    def refusal(self, status: int) -> Json:
        """As Freshservice words errors."""
        return {"code": f"error_{status}", "message": f"Error {status}"}

    def throttled(self, limit: int, wait: int) -> Mapping[str, str]:  # noqa: ARG002  as Tool has it
        """Freshservice tells what is left."""
        return {"X-RateLimit-Total": str(limit), "X-RateLimit-Remaining": "0"}

    def add(self, ticket_id: str, fields: Json) -> None:
        """Put a ticket into the tool."""
        self.tickets[ticket_id] = Ticket(
            ticket_id, {"id": int(ticket_id), "updated_at": self._now(), **fields}
        )

    def edit(self, ticket_id: str, fields: Json, by: str) -> None:  # noqa: ARG002  as Tool has it
        """Change fields; the workflow sends the id."""
        ticket = found(self.tickets, ticket_id)
        ticket.fields |= {**fields, "updated_at": self._now()}
        self._tell(self.name, {"ticket_id": ticket_id})

    def sign(self, body: bytes, secret: str) -> dict[str, str]:  # noqa: ARG002  as Tool has it
        """A workflow cannot sign: it sends the secret."""
        return {"X-Api-Key": secret}

    def _now(self) -> str:
        return f"{datetime.fromtimestamp(self._clock(), UTC):%Y-%m-%dT%H:%M:%SZ}"

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response({"ticket": found(self.tickets, request.match_info["id"]).fields})

    async def _conversations(self, request: web.Request) -> web.Response:
        notes = found(self.tickets, request.match_info["id"]).notes
        size, page = int(request.query["per_page"]), int(request.query["page"])
        return web.json_response({"conversations": notes[(page - 1) * size : page * size]})

    async def _note(self, request: web.Request) -> web.Response:
        ticket = found(self.tickets, request.match_info["id"])
        sent = await request.json()
        if not isinstance(sent.get("body"), str):
            raise Refusal(400, self.refusal(400))
        note = ticket.note(sent["body"], private=bool(sent.get("private")))
        request[EFFECT] = True
        self.edit(ticket.id, {}, "agent")
        return web.json_response({"conversation": note}, status=201)
