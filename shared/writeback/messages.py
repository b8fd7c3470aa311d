"""What is done with a message on `outcomes`: whoever asked is told, once.

Nothing here touches a change: a tool that is away delays its notes, and nothing else.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.changes.problems import Problem
from shared.clock import Clock
from shared.faults import Permanent, Transient
from shared.messaging.guard import guarded
from shared.messaging.instructions import Done, Hold, Instruction, Reject, RetryAfter
from shared.messaging.messages import OUTCOMES, Message, Sender
from shared.messaging.received import TRIES, Received, fresh_id, original_id
from shared.processing.patience import Patience
from shared.records.ports import Refusal, Refusals
from shared.telemetry import line
from shared.webhooks.sources import Loaded, Sources
from shared.writeback.note import note_of
from shared.writeback.outcome import Outcome
from shared.writeback.ports import Report, Tool
from shared.writeback.throttle import THROTTLED, Throttle

_NAME = re.compile(r"[0-9A-Za-z._-]{1,128}")
"""What outcomes are called. It stands in notes, queries and headers."""

type Tools = Callable[[Loaded], Tool]
"""The tool that a source writes back to; the source says that it does."""


@dataclass(frozen=True, slots=True)
class OutcomeMessages:
    """Tells outcomes to the tools that their tickets are in."""

    sources: Sources
    tools: Tools
    refusals: Refusals
    sender: Sender
    clock: Clock
    patience: Patience
    throttle: Throttle = field(default_factory=Throttle)

    async def handle(self, message: Received) -> None:
        """Write the outcome back; raises Rejected for one that the tool does not take."""

        async def give_up(error: Exception) -> Instruction:
            return await self._reject(message, "internal-error", type(error).__name__)

        def copy(failures: int) -> Message:
            return message.again(failures, message_id=fresh_id(message.id))

        await guarded(
            lambda: self._tell(message),
            failures=message.failures,
            copy=copy,
            give_up=give_up,
            sender=self.sender,
            clock=self.clock,
        )

    async def _tell(self, message: Received) -> Instruction:
        outcome, name = Outcome.read(message.body), original_id(message.id)
        if outcome is None or not _NAME.fullmatch(name):
            return await self._reject(message, "not-ours", "The message is no outcome.")
        line.note(change=outcome.id, state=outcome.state, source=outcome.concerns)
        try:
            loaded = self._destination(outcome)
            return await self._to(loaded, outcome, message) if loaded else Done()
        except Permanent as fault:
            return await self._reject(message, fault.code, fault.detail)
        except Transient as fault:
            return await self._later(message, outcome.concerns, fault)

    async def _to(self, loaded: Loaded, outcome: Outcome, message: Received) -> Instruction:
        if refused := await self.refusals.get(OUTCOMES, message.id):
            # The broker delivers a rejected message until it gives up on it.
            return Reject(refused.problems[0].code, refused.problems[0].detail)
        if until := self.throttle.until(loaded.name, self.clock()):
            return Hold(self._copy(message, until))
        note = note_of(outcome, original_id(message.id))
        await self.tools(loaded).tell(Report(outcome, note, json.loads(message.body)))
        return Done()

    def _destination(self, outcome: Outcome) -> Loaded | None:
        """The source that is told, if it is one that wants to be."""
        loaded = self.sources.find(outcome.concerns)
        if loaded is None or loaded.source.writeBack is None:
            return None
        anybody = loaded.source.writeBack.standardWebhooks is not None
        return loaded if outcome.ticket or anybody else None

    async def _later(self, message: Received, source: str, fault: Transient) -> Instruction:
        tries = message.tries + 1
        if tries >= self.patience.attempts_after(fault):
            return await self._reject(message, fault.code, fault.detail)
        line.note(code=fault.code, tries=tries)
        now = self.clock()
        delay = self.patience.retry_delay(tries, fault.retry_after)
        if fault.retry_after or fault.code == THROTTLED:
            self.throttle.rest(source, now + delay)
        return RetryAfter(self._copy(message, now + delay, tries))

    def _copy(self, message: Received, at: datetime, tries: int | None = None) -> Message:
        copy = message.again(message.failures, message_id=fresh_id(message.id))
        counted = {TRIES: message.tries if tries is None else tries}
        return replace(copy, properties={**copy.properties, **counted}).scheduled(at)

    async def _reject(self, message: Received, code: str, detail: str) -> Instruction:
        problems = (Problem(code, "", detail),)
        await self.refusals.put(Refusal(OUTCOMES, message.id, problems, self.clock()))
        return Reject(code, detail)
