"""Service Bus as far as Sluice depends on it: sessions, duplicates, schedules, locks, dead letters.

One lock belongs to one task. It is renewed while the task lives and ends a while after its death.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.deadletters.ports import DeadMessage, Handler
from shared.messaging.messages import CHANGES, INTAKE, OUTCOMES, Message, SendFailed
from shared.messaging.received import Received
from simulation.boundary import Boundary

MOST_DELIVERIES = 5
_LOCK = timedelta(minutes=1)
_REMEMBERED = timedelta(minutes=5)


@dataclass(eq=False)
class Entry:
    message: Message
    sequence: int
    visible_at: datetime
    deliveries: int = 0
    holder: asyncio.Task[None] | None = None
    locked_until: datetime | None = None
    dead: bool = False

    def received(self) -> Received:
        message = self.message
        return Received(
            queue=message.queue,
            id=message.id,
            body=message.body,
            session=message.session,
            subject=message.subject,
            correlation=message.correlation,
            content_type=message.content_type,
            properties=message.properties,
        )


class Broker:
    """Implements Sender and DeadLetterQueues."""

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self.entries: list[Entry] = []
        self.outcomes: list[Message] = []
        self._seen: dict[tuple[str, str], datetime] = {}
        self._count = 0

    # ── Sender ──

    async def send(self, message: Message) -> None:
        await self._boundary.call(
            f"send {message.queue}", lambda: self._take(message), lambda: SendFailed(message.queue)
        )

    def _take(self, message: Message) -> None:
        now = self._boundary.now
        if message.queue != INTAKE:
            seen = self._seen.get((message.queue, message.id))
            if seen and now - seen < _REMEMBERED:
                return
            self._seen[message.queue, message.id] = now
        if message.queue == OUTCOMES:
            self.outcomes.append(message)
            return
        self._count += 1
        visible_at = max(now, message.at or now)
        self.entries.append(Entry(message, self._count, visible_at))

    # ── delivery ──

    def deliverable(self) -> list[Entry]:
        """The first message of every session that nobody holds."""
        now, heads = self._boundary.now, dict[str | None, Entry]()
        live = [entry for entry in self.entries if not entry.dead]
        busy = {entry.message.session for entry in live if self._locked(entry)}
        for entry in sorted(live, key=lambda each: (each.visible_at, each.sequence)):
            session = entry.message.session
            if entry.visible_at <= now and session not in busy:
                heads.setdefault(session, entry)
        return list(heads.values())

    def next_change(self) -> datetime | None:
        """When something becomes deliverable by itself."""
        now = self._boundary.now
        times = [entry.visible_at for entry in self.entries if not entry.dead]
        times += [entry.locked_until for entry in self.entries if entry.locked_until]
        return min((at for at in times if at > now), default=None)

    def lock(self, entry: Entry, holder: asyncio.Task[None]) -> None:
        entry.holder, entry.locked_until = holder, None

    def complete(self, entry: Entry, holder: asyncio.Task[None]) -> None:
        if entry.holder is holder and entry in self.entries:
            self.entries.remove(entry)

    def abandon(self, entry: Entry, holder: asyncio.Task[None]) -> None:
        if entry.holder is holder:
            self._release(entry)

    def holder_died(self, holder: asyncio.Task[None]) -> None:
        for entry in self.entries:
            if entry.holder is holder:
                entry.locked_until = self._boundary.now + _LOCK

    def lock_lost(self, holder: asyncio.Task[None]) -> None:
        for entry in self.entries:
            if entry.holder is holder:
                self._release(entry)

    def _locked(self, entry: Entry) -> bool:
        if entry.holder and entry.locked_until and entry.locked_until <= self._boundary.now:
            self._release(entry)
        return entry.holder is not None

    def _release(self, entry: Entry) -> None:
        entry.holder, entry.locked_until = None, None
        if not entry.dead:
            entry.deliveries += 1
            entry.dead = entry.deliveries >= MOST_DELIVERIES

    # ── DeadLetterQueues ──

    @property
    def dead(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.dead]

    async def browse(self, queue: str) -> AsyncIterator[DeadMessage]:
        found = await self._boundary.call(
            "browse", lambda: list(self.dead), lambda: SendFailed(queue)
        )
        for entry in found:
            if entry.message.queue == queue:
                yield _dead(entry)

    async def drain(self, queue: str, wanted: Collection[int], handle: Handler) -> None:
        task = asyncio.current_task()
        assert task
        assert queue == CHANGES
        for entry in self.dead:
            if entry.sequence in wanted and not self._locked(entry):
                self.lock(entry, task)
                if await handle(_dead(entry)):
                    await self._boundary.call(
                        "complete dead letter",
                        lambda entry=entry: self.complete(entry, task),
                        lambda: SendFailed(queue),
                    )
                else:
                    self._release(entry)


def _dead(entry: Entry) -> DeadMessage:
    return DeadMessage(
        entry.received(), entry.sequence, entry.visible_at, entry.deliveries, "reason", ""
    )
