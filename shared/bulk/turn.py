"""One turn of a bulk change: make what was begun, count, decide whether and how many more begin.

    begin (on record) ──> make their changes ──> count ─┬─ too many failed ──> held
         ^                                              ├─ all ended ────────> the worst of them
         └── another turn, once there is room ──────────┴─ window, cancelled ─> no more begin

That a target is begun is on record before its change is made, and its change has an id that
follows from the two: a turn that a crash cut short is done again, and makes none twice. A change
that has ended leaves a row; nobody but the turns of the bulk change writes its record.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from shared.actions.cancel import cancel
from shared.bulk.count import counted, open_targets
from shared.bulk.dependencies import Dependencies
from shared.bulk.record import HALTED, Progress, change_of, child_id, child_key, size
from shared.bulk.request import body_of
from shared.bulk.tally import Tally
from shared.changes.operation import BULK, Json, Operation, Parent
from shared.changes.problems import RequestRefused
from shared.changes.request import read_request
from shared.changes.states import State
from shared.messaging.instructions import Instruction
from shared.policy.subject import Asker
from shared.processing.turn import Turn
from shared.records.ports import TargetResult
from shared.side_by_side import side_by_side
from shared.telemetry.tracing import apart

_SOON, _LONGEST = timedelta(seconds=1), timedelta(minutes=1)
"""Between two turns: the first while there is news, up to the second while there is none."""
_AT_ONCE = 8
"""Changes that are made at the same time: each is a few requests, one after the other."""


class BulkTurn(Turn):
    """Carry a bulk change on."""

    def __init__(self, use: Dependencies, operation: Operation) -> None:
        super().__init__(use, operation)
        self._bulk = use

    async def advance(self) -> Instruction:
        """Make, count, decide; begin more where there is room."""
        await self._make()
        if self._progress.made < self._progress.begun:
            return await self._another_turn(quiet=0)
        tally, news = await self._count()
        if self._progress.cancelling:
            return await self._wind_up(tally, news=news)
        may_begin = 0 if self._closed else tally.not_begun
        if may_begin and tally.failure_share > self._progress.failure_share:
            return await self.hold(HALTED, tally.told)
        if room := min(may_begin, self._room(tally)):
            await self._begin(tally.begun + room)
            await self._make()
        elif not tally.open:
            return await self._end(tally)
        return await self._turn_after(news=news or self._progress.begun > tally.begun)

    @property
    def _progress(self) -> Progress:
        return Progress.of(self._operation)

    @property
    def _closed(self) -> bool:
        _, closes = self._operation.window
        return closes is not None and self.now() >= closes

    # ── begin and make ──

    def _room(self, tally: Tally) -> int:
        """For how many more there is room: first for the canary, alone; never for too many."""
        canary = int(self._operation.request["canary"])
        if tally.begun == canary and tally.open:
            return 0
        room = max(0, self._bulk.most_open - tally.open)
        return min(room, canary - tally.begun) if tally.begun < canary else room

    async def _begin(self, begun: int) -> None:
        operation = self._progress.on(self._operation, begun=begun)
        if operation.state is not State.APPLYING:
            operation = operation.moved(State.APPLYING, self.now())
        await self.save(replace(operation, due_at=None))

    async def _make(self) -> None:
        """Make the changes of all targets that were begun; one that is there stays as it is.

        The next turn goes on behind the first that this one did not make.
        """
        until = self.now() + timedelta(seconds=self._use.patience.deadline / 2)
        made, begun = self._progress.made, self._progress.begun
        if made == begun:
            return
        targets = await self._bulk.targets.some(self._operation.fingerprint, made, begun)
        done, failures = set[int](), list[Exception]()

        async def in_time() -> AsyncIterator[tuple[int, Json]]:
            for each in zip(range(made, begun), targets, strict=True):
                if failures or self.now() >= until:
                    return
                yield each

        async def make(each: tuple[int, Json]) -> None:
            # The others are not cut short for it: what they have counted would be counted again.
            try:
                await self._make_one(*each)
                done.add(each[0])
            except Exception as failure:  # noqa: BLE001  whatever it is, it is told below
                failures.append(failure)

        try:
            await side_by_side(in_time(), make, _AT_ONCE)
            if failures:
                raise failures[0]
        finally:
            # On record with the next write.
            made = next(index for index in range(made, begun + 1) if index not in done)
            self._operation = self._progress.on(self._operation, made=made)

    async def _make_one(self, index: int, target: Json) -> None:
        bulk = self._operation.id
        body = body_of(change_of(self._operation), target)
        key, parent = child_key(bulk, index), Parent(bulk, index)
        # The policy looks at the ticket, which is the bulk change's alone.
        asker = Asker(BULK, has_ticket=bool(self._operation.request.get("ticket")))
        try:
            with apart("target of a bulk change"):
                await self._bulk.intake.take(read_request(body), asker, key=key, parent=parent)
        except RequestRefused as refused:
            # It was good when all were checked: since then the window closed, or a setting changed.
            code, detail = refused.first.code, refused.first.detail
            state = State.EXPIRED if code == "window-closed" else State.FAILED
            result = TargetResult(index, state, code=code, detail=detail)
            await self._bulk.results.put(bulk, result)

    # ── count ──

    async def _count(self) -> tuple[Tally, bool]:
        """Count what has ended, and whether there was news; on record before that is forgotten."""
        progress, news = await counted(self._bulk.results, self._operation)
        if news:
            await self.save(progress.on(self._operation))
            await self._bulk.results.heard(self._operation.id, news)
        return Tally.of(size(self._operation), progress), bool(news)

    # ── the end, or another turn ──

    async def _turn_after(self, *, news: bool) -> Instruction:
        return await self._another_turn(quiet=0 if news else self._operation.checks + 1)

    async def _another_turn(self, *, quiet: int) -> Instruction:
        """Look again, later each time that nothing happened: so many turns were quiet."""
        self._operation = replace(self._operation, checks=quiet, attempts=0)
        return await self.come_again(self.now() + min(_SOON * 2 ** min(quiet, 10), _LONGEST))

    async def _wind_up(self, tally: Tally, *, news: bool) -> Instruction:
        """Cancel what can be; what cannot comes to its own end."""
        if not tally.open:
            return await self.end(State.CANCELLED, tally.told)
        async for index in open_targets(self._bulk.results, self._operation, self._progress):
            with suppress(RequestRefused):
                await cancel(self._bulk.actions, child_id(self._operation.id, index))
        return await self._turn_after(news=news)

    async def _end(self, tally: Tally) -> Instruction:
        """The bulk change ends as the worst of its targets did."""
        if tally.ended[State.FAILED]:
            return await self.fail("targets-failed", tally.told)
        # What was not begun by now never will be: its window has closed.
        state = State.EXPIRED if tally.not_begun else tally.worst
        return await self.end(state, tally.told)
