"""ServiceNow: the Table API over one table of requested items, and their journal."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from aiohttp import web

from local.standins.exchange import EFFECT

from .desk import SLUICE, Clock, Json, Refusal, Tell, Ticket, found

_JOURNALS = ("work_notes", "comments")
_QUERY = re.compile(r"element_id=(\w+)\^element=(\w+)\^valueLIKE(.+)")


class ServiceNow:
    """Every scalar is a text, a journal field appends, and an update fires the Business Rule."""

    name = "servicenow"

    def __init__(self, password: str, clock: Clock, tell: Tell) -> None:
        self._password, self._clock, self._tell = password, clock, tell
        self._token = hashlib.sha256(password.encode()).hexdigest()
        self.tickets: dict[str, Ticket] = {}

    def routes(self) -> list[web.RouteDef]:
        """The Table API, and the tokens of OAuth client credentials."""
        return [
            web.get("/api/now/table/sys_journal_field", self._journal),
            web.get("/api/now/table/sc_req_item/{id}", self._get),
            web.patch("/api/now/table/sc_req_item/{id}", self._patch),
            web.post("/oauth_token.do", self._issue),
        ]

    def authorized(self, authorization: str) -> bool:
        """Basic, or a token of its own."""
        pair = base64.b64encode(f"{SLUICE}:{self._password}".encode()).decode()
        return authorization in (f"Basic {pair}", f"Bearer {self._token}")

    def refusal(self, status: int) -> Json:
        """As the Table API words errors."""
        return {"error": {"message": f"Error {status}", "detail": None}, "status": "failure"}

    def throttled(self, limit: int, wait: int) -> Mapping[str, str]:
        """The headers of a rate limit rule."""
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Reset": str(int(self._clock()) + wait),
            "X-RateLimit-Rule": "Sluice",
        }

    def add(self, ticket_id: str, fields: Json) -> None:
        """Put an item into the table."""
        self.tickets[ticket_id] = Ticket(
            ticket_id,
            {"sys_id": ticket_id, "sys_mod_count": "0", "sys_updated_by": "admin", **fields},
        )

    def edit(self, ticket_id: str, fields: Json, by: str) -> None:
        """Update an item: its count grows, and the Business Rule sends it."""
        ticket = found(self.tickets, ticket_id)
        for name, value in fields.items():
            if name in _JOURNALS:
                ticket.note(value, element=name, by=by)
            else:
                ticket.fields[name] = value
        count = str(int(ticket.fields["sys_mod_count"]) + 1)
        ticket.fields |= {"sys_mod_count": count, "sys_updated_by": by}
        self._tell(self.name, ticket.fields)

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """As the script of the Business Rule does."""
        stamp = str(int(self._clock()))
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "X-Sluice-Timestamp": stamp,
            "X-Sluice-Signature": "sha256=" + base64.b64encode(mac).decode(),
        }

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response({"result": found(self.tickets, request.match_info["id"]).fields})

    async def _patch(self, request: web.Request) -> web.Response:
        ticket_id, fields = request.match_info["id"], await request.json()
        if not all(isinstance(value, str) for value in fields.values()):
            raise Refusal(400, self.refusal(400))
        self.edit(ticket_id, fields, SLUICE)
        request[EFFECT] = True
        return web.json_response({"result": {"sys_id": ticket_id}})

    async def _journal(self, request: web.Request) -> web.Response:
        asked = _QUERY.fullmatch(request.query.get("sysparm_query", ""))
        if asked is None:
            raise Refusal(400, self.refusal(400))
        ticket = self.tickets.get(asked[1])
        entries = [
            {"sys_id": note["id"]}
            for note in (ticket.notes if ticket else ())
            if note["element"] == asked[2] and asked[3] in note["body"]
        ]
        return web.json_response({"result": entries})

    async def _issue(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_secret") != self._password:
            raise Refusal(401, {"error": "access_denied"})
        return web.json_response(
            {"access_token": self._token, "token_type": "Bearer", "expires_in": 1799}
        )
