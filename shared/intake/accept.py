"""Accept a change: validate, recognise a repeat, record, queue.

record (conditional insert, marked unqueued) ──> send ──> take the mark away
         │                                        │
         └ a repeat finds the record              └ a crash here leaves the mark:
                                                    the resend timer sends again
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from shared.changes.addresses import address_of
from shared.changes.operation import Operation, Parent, Planned, Reversal
from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import ChangeRequest, canonical, fingerprint, read_request
from shared.changes.states import State
from shared.clock import Clock
from shared.intake.routing import routed, unofficial
from shared.messaging.lanes import lane_of
from shared.messaging.messages import Sender, nudge
from shared.policy.judge import Judge
from shared.policy.offer import EVERYTHING, Offer
from shared.policy.subject import Asker
from shared.quota.priority import crowd_of
from shared.quota.quotas import INTUNE, service_of
from shared.records.ports import Lines, Operations
from shared.telemetry.metrics import moved
from shared.telemetry.tracing import spanning

_NAMESPACE = uuid.UUID("5b1ce0f4-6f0c-5d6c-9a39-0d6a2b1f7c11")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The operation of a request; `repeated` when it was there already."""

    operation: Operation
    repeated: bool


def operation_id(source: str, key: str | None) -> str:
    """The id of the operation that `source` means by `key`; a new one without a key.

    The id follows from the key, so that the insert of the record is the check for a repeat.
    """
    return str(uuid.uuid5(_NAMESPACE, f"{source}\n{key}") if key else uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Intake:
    """The one way into Sluice, whatever brought the request."""

    operations: Operations
    lines: Lines
    sender: Sender
    clock: Clock
    policy: Judge
    lanes: int
    unofficial_routes: bool = False
    """Whether every request may take routes that Microsoft's description does not have."""
    offer: Offer = EVERYTHING
    turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Per address, whose turn it is in this process."""

    async def accept(
        self,
        body: bytes,
        *,
        source: str,
        key: str | None,
        caller: str | None = None,
        reverses: Reversal | None = None,
    ) -> Accepted:
        """Make one operation of `body`, or find the one that it made before; see `take`."""
        request, asker = read_request(body), Asker(source, caller=caller)
        return await self.take(request, asker, key=key, reverses=reverses)

    async def take(
        self,
        request: ChangeRequest,
        asker: Asker,
        *,
        key: str | None,
        reverses: Reversal | None = None,
        parent: Parent | None = None,
        plan_first: bool = False,
    ) -> Accepted:
        """Make one operation of the request, or find the one that it made before.

        `key` is what the sender calls this request: its Idempotency-Key or message id. `reverses`
        is the change that this one undoes, `parent` the bulk change that it is a part of. With
        `plan_first` its plan is made, and its ticket has to approve that before it is written.
        Raises RequestRefused when the request cannot be accepted, or when its key was used for
        another.
        """
        if request.dryRun:
            # Whoever could be answered with a plan does not come here.
            detail = "Only POST /api/changes answers with a plan; send a dry run there."
            raise RequestRefused(422, [Problem("dry-run-over-http", "/dryRun", detail)])
        # Requests for one device that arrive together are accepted in the order they came in.
        address = address_of(canonical(request)["target"])
        async with self.turns.setdefault(address, asyncio.Lock()):
            now = self.clock()
            operation = await self._operation(
                request, asker.source, key, now, plan_first=plan_first
            )
            operation = replace(operation, reverses=reverses, parent=parent)
            return await self._take(request, asker, operation, now)

    async def _take(
        self, request: ChangeRequest, asker: Asker, operation: Operation, now: datetime
    ) -> Accepted:
        try:
            self._check(request, operation.request, now)
            verdict = self.policy.examine(operation.request, asker)
        except RequestRefused:
            # Too late to ask, but not to ask again: what was accepted in time stays accepted.
            if await self.operations.get(operation.id) is None:
                raise
            return await self._repeat(operation)
        # What is asked for again is not counted again.
        counted = operation.key and self.policy.counts(asker)
        if counted and await self.operations.get(operation.id):
            return await self._repeat(operation)
        return await self.record(await self.policy.judged(operation, asker, verdict, now))

    async def record(self, operation: Operation) -> Accepted:
        """Put a new operation on record and queue it, or find the one with its id.

        Raises RequestRefused where that is one of another request.
        """
        with spanning("accept") as span:
            trace = span.context.traceparent if span else None
            created = await self.operations.create(replace(operation, trace=trace))
            if created is None:
                return await self._repeat(operation)
            moved(None, created)
            await self._queue_soon(created)
        return Accepted(created, repeated=False)

    def examine(self, request: ChangeRequest, asker: Asker) -> dict[str, Any]:
        """The canonical form of a request that would be accepted now. Raises RequestRefused."""
        asked = self.possible(request)
        self.policy.examine(asked, asker)
        return asked

    def possible(self, request: ChangeRequest) -> dict[str, Any]:
        """The canonical form of a request that only the policy could refuse now, or RequestRefused.

        All but `notAfter` follows from the operation, the names in `set` and the kind of target.
        """
        asked = canonical(request)
        routed(asked)
        self._check(request, asked, self.clock())
        return asked

    def _check(self, request: ChangeRequest, asked: Mapping[str, Any], now: datetime) -> None:
        """Raise RequestRefused for a request that has a route, if that is not to be taken now."""
        if problem := self.offer.refusal(asked):
            raise RequestRefused(422, [problem])
        if not self.unofficial_routes and (problem := unofficial(asked)):
            raise RequestRefused(422, [problem])
        if request.notAfter and request.notAfter <= now:
            detail = "The window has closed; ask for a later one."
            raise RequestRefused(422, [Problem("window-closed", "/notAfter", detail)])

    async def queue(self, operation: Operation, *, again: str = "") -> None:
        """Give an operation that has no message yet its place and its message; safe to repeat."""
        await self._stand_in_line(operation)
        await self._send(operation, again)

    async def _stand_in_line(self, operation: Operation) -> None:
        """A change that is accepted later must not overtake this one with a quicker message.

        A change that is not due yet, or held for a person, takes no place: it must not keep others
        waiting.
        """
        if operation.due_at is None and not operation.stands_aside:
            await self.lines.enter(operation.device, operation.id, operation.turn)

    async def _send(self, operation: Operation, again: str = "") -> None:
        await self.sender.send(nudge(operation, at=operation.due_at, again=again))
        await self.operations.queued(operation.id)

    async def _operation(
        self,
        request: ChangeRequest,
        source: str,
        key: str | None,
        now: datetime,
        *,
        plan_first: bool,
    ) -> Operation:
        asked = canonical(request)
        way = routed(asked)
        device = await self.lines.find(address_of(asked["target"]))
        # A plan can be made at any time; the window is for the write.
        opens = None if plan_first else request.notBefore
        operation = Operation(
            id=operation_id(source, key),
            source=source,
            key=key,
            fingerprint=fingerprint(request),
            request=asked,
            device=device,
            lane=lane_of(
                device,
                self.lanes,
                # A rotation writes to both, and most to Intune, which has less.
                service_of(way.write) if way else INTUNE,
                crowd_of(source),
            ),
            state=State.ACCEPTED,
            accepted_at=now,
            updated_at=now,
            route=way.taken if way else None,
            due_at=opens if opens and opens > now else None,
            planned=Planned() if plan_first else None,
        ).moved(State.ACCEPTED, now)
        return operation.moved(State.HELD, now, "not before") if operation.due_at else operation

    async def _repeat(self, asked: Operation) -> Accepted:
        known = await self.operations.get(asked.id)
        if known is None or known.fingerprint != asked.fingerprint:
            detail = "The key was used for another request; use a new key for a new request."
            raise RequestRefused(422, [Problem("key-reused", "", detail)])
        if known.turn == 0 and known.state in (State.ACCEPTED, State.HELD):
            await self._queue_soon(known)
        return Accepted(known, repeated=True)

    async def _queue_soon(self, operation: Operation) -> None:
        """Queue it now, or leave it to the resend timer: on record it is accepted either way.

        Without a place in line there is no promise of order, so then it is no acceptance yet.
        """
        await self._stand_in_line(operation)
        try:
            await self._send(operation)
        except Exception as error:  # noqa: BLE001  whatever it is, the change is on record
            kind = type(error).__name__
            _log.warning("operation %s is recorded and not queued yet: %s", operation.id, kind)
