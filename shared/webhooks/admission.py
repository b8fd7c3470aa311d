"""From a payload to changes: the part of the way that webhooks and messages share.

thin mode ──> order ──> mapping ──> policy ──> intake
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.actions.approve_plan import approve_plan, check_hash
from shared.actions.decide import Dependencies as Actions
from shared.changes.problems import RequestRefused
from shared.changes.request import ChangeRequest, fingerprint
from shared.intake.accept import Accepted, Intake
from shared.messaging.messages import ticket_outcome
from shared.webhooks.mapping import (
    Ticket,
    concerns_sluice,
    is_own,
    map_payload,
    occurrence,
    plan_hashes,
    read_ticket,
)
from shared.webhooks.order import Tickets, is_late
from shared.webhooks.payload import Payload, TicketRefused
from shared.webhooks.sources import Loaded

NOT_FOR_SLUICE, LATE, OWN = "not-for-sluice", "older-than-seen", "written-by-sluice"


type Fetch = Callable[[Loaded, Payload], Awaitable[Payload]]
"""Puts the ticket in place of the payload that names it (thin mode).

Raises RequestRefused, or Transient.
"""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of a payload: its changes or, without any, why it was ignored."""

    changes: tuple[Accepted, ...] = ()
    ignored: str | None = None

    @property
    def status(self) -> str:
        """The word for the sender: accepted, duplicate or ignored."""
        if self.ignored:
            return "ignored"
        return "duplicate" if all(each.repeated for each in self.changes) else "accepted"


@dataclass(frozen=True, slots=True)
class Admission:
    """Admits what the mapping makes of payloads."""

    intake: Intake
    actions: Actions
    tickets: Tickets
    fetch: Fetch

    async def admit(self, loaded: Loaded, payload: Payload) -> Admitted:
        """Make the changes that the payload asks for, or find those that it made before.

        Raises RequestRefused; where the ticket is known, the refusal is on `outcomes` as well.
        """
        if loaded.source.fetch:
            payload = await self._fetched(loaded, payload)
        if is_own(loaded.source, payload.document):
            return Admitted(ignored=OWN)
        if not concerns_sluice(loaded.source, payload.document):
            return Admitted(ignored=NOT_FOR_SLUICE)
        ticket = read_ticket(loaded.source, payload.document)
        # Among those that concern it: a comment that comes first must not make an approval late.
        if await is_late(self.tickets, loaded.name, ticket):
            return Admitted(ignored=LATE)
        try:
            requests = map_payload(loaded.source, loaded.name, ticket, payload.document)
            return Admitted(await self._take(loaded, payload, ticket, requests))
        except RequestRefused as refused:
            if ticket:
                await self._tell(loaded, ticket, refused)
            raise

    async def _fetched(self, loaded: Loaded, payload: Payload) -> Payload:
        try:
            return await self.fetch(loaded, payload)
        except TicketRefused as refused:
            await self._tell(loaded, Ticket(refused.ticket, None, None), refused)
            raise

    async def _take(
        self,
        loaded: Loaded,
        payload: Payload,
        ticket: Ticket | None,
        requests: list[ChangeRequest],
    ) -> tuple[Accepted, ...]:
        """All of the requests or, while none is on record yet, none of them."""
        asker, source = loaded.asker, loaded.source
        if len(requests) > 1:
            for request in requests:
                self.intake.examine(request, asker)
        again = occurrence(source, payload.document)
        # What approves a plan is another event of the ticket, so that only the content tells.
        event = None if source.plan else payload.event
        keys = [
            f"{event}#{index}" if event else content_key(ticket, request, again)
            for index, request in enumerate(requests)
        ]
        taken = [
            await self.intake.take(request, asker, key=key, plan_first=source.plan is not None)
            for request, key in zip(requests, keys, strict=True)
        ]
        return await self._approved(taken, plan_hashes(source, payload.document))

    async def _approved(
        self, taken: list[Accepted], hashes: frozenset[str]
    ) -> tuple[Accepted, ...]:
        """The changes, those on their way whose plans have these hashes."""
        if not hashes:
            return tuple(taken)
        for each in taken:
            check_hash(each.operation, hashes)
        return tuple(
            [
                Accepted(await approve_plan(self.actions, each.operation.id, hashes), each.repeated)
                for each in taken
            ]
        )

    async def _tell(self, loaded: Loaded, ticket: Ticket, refused: RequestRefused) -> None:
        reference = ticket.reference(loaded.name)
        await self.intake.sender.send(
            ticket_outcome(reference, refused.problems, self.intake.clock())
        )


def content_key(ticket: Ticket | None, request: ChangeRequest, again: str) -> str:
    """What a request is called whose sender gave it no name.

    The same change of the same ticket is the same wish, whatever else of the ticket has changed:
    a ServiceNow cart updates an item several times while it is submitted.
    """
    known = ticket.id if ticket else "no-ticket"
    digest = hashlib.sha256(f"{known}\n{again}\n{fingerprint(request)}".encode()).hexdigest()
    return f"{known}#{digest[:32]}"
