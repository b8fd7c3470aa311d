"""One history: a script of posts and redrives, all work in any order, and mishaps on the way."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.actions.cancel import cancel
from shared.actions.release import release
from shared.actions.undo import undo
from shared.bulk.child_ended import ChildEnded
from shared.bulk.dependencies import Dependencies as Bulk
from shared.bulk.turn import BulkTurn
from shared.changes.operation import Operation
from shared.changes.problems import RequestRefused
from shared.deadletters.browse import DeadLetters
from shared.deadletters.redrive import Redriver
from shared.graph.catalogue import GraphCatalogue
from shared.intake.accept import Intake, operation_id
from shared.intake.resend import resend_unqueued
from shared.messaging.messages import CHANGES
from shared.processing.attempt import Attempt
from shared.processing.dependencies import Dependencies
from shared.processing.messages import ChangesMessages
from shared.processing.patience import Patience
from shared.processing.plan_turn import PlanTurn
from shared.processing.process import Processor
from shared.processing.turn import Turn
from shared.rotation.dependencies import Dependencies as Rotating
from shared.rotation.ended import ROTATE, RotationEnded
from shared.rotation.rotation import Rotation
from simulation.boundary import WORK, Boundary, Crash
from simulation.broker import Broker, Entry
from simulation.bulk_records import MemoryTargetResults, MemoryTargets
from simulation.policy import NeverStops, Policing
from simulation.records import MemoryLines, MemoryOperations
from simulation.rooms import Rooms
from simulation.tenant import MemoryVault, Tenant

_RESEND_EVERY = timedelta(seconds=30)
_MOST_STEPS = 20_000
_PASSES = 20
"""Of the event loop, within which a task that can go on is at its next call."""


@dataclass(frozen=True)
class Post:
    """Ask for a change, again and again until it is answered."""

    key: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Redrive:
    """Once nothing moves any more: take away the causes, and redrive all, by so many at once."""

    operators: int = 1


@dataclass(frozen=True)
class Cancel:
    """Cancel a change that was asked for, again and again until it is answered."""

    key: str


@dataclass(frozen=True)
class Ask:
    """Ask for anything else once it is time, again and again until it is answered or refused."""

    ask: Callable[["World"], Coroutine[Any, Any, object]]
    when: Callable[["World"], bool] = lambda _: True


@dataclass(frozen=True)
class Decide:
    """Once nothing moves any more: a person releases or reverses whatever is held, first `help`."""

    action: str
    help: Callable[[], None] = lambda: None


type Step = Post | Cancel | Ask | Redrive | Decide


class World:
    """Sluice on a virtual clock. The host dies as a whole; an operator's command dies alone."""

    def __init__(
        self,
        boundary: Boundary,
        tenant: Tenant,
        script: list[Step],
        *,
        seed: int = 0,
        releasing: bool = True,
        letting_go: bool = False,
        rooms: Rooms | None = None,
        policing: Policing | None = None,
    ) -> None:
        self.boundary = boundary
        self.tenant = tenant
        self.operations = MemoryOperations(boundary)
        self.lines = MemoryLines(boundary)
        self.results = MemoryTargetResults(boundary)
        self.broker = Broker(boundary)
        self.answered: dict[str, str] = {}
        """Operation ids by key, in the order of their answers."""
        self.cancelled: set[str] = set()
        """The keys of the changes that were cancelled in time."""
        boundary.lock_lost = self.broker.lock_lost
        clock, sender = boundary.clock, self.broker
        patience = Patience(jitter=lambda: 0.5)
        self.policing = policing = policing or Policing(boundary)
        self._intake = Intake(self.operations, self.lines, sender, clock, policing.judge, lanes=4)
        self.bulk = Bulk(
            operations=self.operations,
            lines=self.lines,
            results=self.results,
            sender=sender,
            clock=clock,
            ended=self._ended,
            patience=patience,
            targets=MemoryTargets(boundary),
            intake=self._intake,
            most_open=3,
        )
        use = Dependencies(
            operations=self.operations,
            lines=self.lines,
            graph=GraphCatalogue(tenant, MemoryVault()),  # type: ignore[arg-type]
            sender=sender,
            clock=clock,
            ended=self._ended,
            patience=patience,
            clearance=policing.clearance,
        )
        self._told = RotationEnded(rooms.register, timedelta(days=1)) if rooms else None
        self.rotating = rotating = rooms and Rotating(
            operations=self.operations,
            lines=self.lines,
            sender=sender,
            clock=clock,
            ended=self._ended,
            patience=patience,
            clearance=policing.clearance,
            register=rooms.register,
            vault=rooms.vault,
            directory=rooms.directory,
            devices=rooms.devices,
            calendar=rooms.calendar,
            mint=rooms.mint,
        )

        def begin(operation: Operation) -> Turn:
            if operation.is_bulk:
                return BulkTurn(self.bulk, operation)
            if operation.to_be_planned:
                return PlanTurn(use, operation)
            if rotating and operation.request["operation"] == ROTATE:
                return Rotation(rotating, operation)
            return Attempt(use, operation)

        self._actions = self.bulk.actions
        self._releasing = releasing and bool(tenant.protected)
        self._letting_go = letting_go
        """Whether somebody releases what the policy holds, as soon as it is held."""
        self._messages = ChangesMessages(Processor(use, begin))
        letters = DeadLetters(self.broker, self.operations, _NoRefusals())
        self._redriver = Redriver(letters, self.operations, self.results, sender, clock)
        self._script = script
        self._next = 0
        self._busy = 0
        self._rng = random.Random(seed)
        self._host: set[asyncio.Task[None]] = set()
        self._commands: set[asyncio.Task[None]] = set()
        self._resend_at = boundary.now + _RESEND_EVERY

    async def _ended(self, operation: Operation) -> None:
        await ChildEnded(self.results)(operation)
        if self._told:
            await self._told(operation)

    async def run(self, most_steps: int = _MOST_STEPS) -> "World":
        """Play the script to its end, and until nothing moves any more."""
        for _ in range(most_steps):
            await self._quiet()
            if choices := self._choices():
                self._rng.choice(choices)()
            elif at := self._next_time():
                self.boundary.now = max(at, self.boundary.now)
            else:
                return self
        raise AssertionError("it never ends")

    async def _quiet(self) -> None:
        """Until every task stands at the boundary, or waits for one that does.

        One of many that a task waits for goes on in the first pass.
        """
        for passes in itertools.count(1):
            await asyncio.sleep(0)  # lets tasks run on; there is nothing else to wait for
            at_boundary = self._at_boundary()
            if at_boundary >= self._running() or (at_boundary and passes >= _PASSES):
                return

    def _at_boundary(self) -> int:
        return len({here.work for here in self.boundary.waiting if not here.go.done()})

    def _running(self) -> int:
        return len(self._host) + len(self._commands)

    def _choices(self) -> list[Callable[[], None]]:
        choices: list[Callable[[], None]] = []
        choices += [
            lambda here=here: here.go.set_result(None)  # type: ignore[misc]
            for here in self.boundary.ready()
        ]
        choices += [
            lambda entry=entry: self._deliver(entry)  # type: ignore[misc]
            for entry in self.broker.deliverable()
        ]
        if self._next < len(self._script) and not self._busy:
            step = self._script[self._next]
            if isinstance(step, Post):
                choices.append(lambda: self._start(self._post(step), self._host))
            elif isinstance(step, Cancel):
                choices.append(lambda: self._start(self._cancel(step), self._host))
            elif isinstance(step, Ask):
                if step.when(self):
                    choices.append(lambda: self._start(self._ask(step), self._host))
            elif choices or self._next_time():
                pass
            elif isinstance(step, Decide):
                choices.append(lambda: self._decide(step))
            else:
                choices.append(lambda: self._redrive(step))
        if (self._releasing or self._letting_go) and not self._busy:
            choices += [
                lambda change=each.id: self._start(self._release(change), self._host)  # type: ignore[misc]
                for each in self.operations.all()
                if (self._releasing and each.awaits_approval)
                or (self._letting_go and each.held_by_policy)
            ]
        if self.operations.marks and self.boundary.now >= self._resend_at:
            choices.append(self._resend)
        return choices

    def _next_time(self) -> datetime | None:
        resend = [self._resend_at] if self.operations.marks else []
        others = (self.broker.next_change(), self.boundary.next_ready())
        return min([*resend, *(at for at in others if at)], default=None)

    # ── what runs ──

    def _start(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)

    def _deliver(self, entry: Entry) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(entry))
        self.broker.lock(entry, task)
        self._host.add(task)
        task.add_done_callback(self._host.discard)

    async def _handle(self, entry: Entry) -> None:
        me = asyncio.current_task()
        assert me
        WORK.set(me)
        try:
            await self._messages.handle(entry.received())
        except (Crash, BaseExceptionGroup):  # a group, of one that was among others
            self.broker.holder_died(me)
            self._host_dies(me)
        except asyncio.CancelledError:
            self.broker.holder_died(me)
        except Exception:  # noqa: BLE001  as the host does
            self.broker.abandon(entry, me)
        else:
            self.broker.complete(entry, me)

    async def _post(self, step: Post) -> None:
        self._busy += 1
        try:
            body = json.dumps(step.body).encode()
            accepted = await self._intake.accept(body, source="http", key=step.key)
        except Crash:
            self._host_dies(asyncio.current_task())
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # the caller hears nothing, or 503, and asks again
        else:
            self.answered[step.key] = accepted.operation.id
            self._next += 1
        finally:
            self._busy -= 1

    async def _cancel(self, step: Cancel) -> None:
        self._busy += 1
        try:
            await cancel(self._actions, operation_id("http", step.key))
        except Crash:
            self._host_dies(asyncio.current_task())
        except RequestRefused:
            self._next += 1  # too late
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # the caller hears nothing, or 503, and asks again
        else:
            self.cancelled.add(step.key)
            self._next += 1
        finally:
            self._busy -= 1

    async def _ask(self, step: Ask) -> None:
        self._busy += 1
        try:
            await step.ask(self)
        except Crash:
            self._host_dies(asyncio.current_task())
        except RequestRefused:
            self._next += 1
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # the caller hears nothing, or 503, and asks again
        else:
            self._next += 1
        finally:
            self._busy -= 1

    async def _release(self, change: str) -> None:
        self._busy += 1
        try:
            await release(self._actions, NeverStops(), change, window=False)
        except Crash:
            self._host_dies(asyncio.current_task())
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # the operator looks again
        finally:
            self._busy -= 1

    def _decide(self, step: Decide) -> None:
        step.help()
        self._next += 1
        for each in self.operations.all():
            if each.awaits_person:
                self._start(self._person(step.action, each.id), self._commands)

    async def _person(self, action: str, change: str) -> None:
        """Ask again and again until it is answered."""
        self._busy += 1
        try:
            while True:
                try:
                    if action == "release":
                        await release(self._actions, NeverStops(), change, window=False)
                    elif action == "abandon":
                        await cancel(self._actions, change, abandon=True)
                    else:
                        await undo(self._actions, change)
                except RequestRefused:
                    return
                except (Crash, Exception):  # noqa: BLE001  nobody hears an answer
                    continue
                return
        finally:
            self._busy -= 1

    def _redrive(self, step: Redrive) -> None:
        self.tenant.refusing.clear()
        self.tenant.failing.clear()
        self.tenant.absent.clear()
        self._next += 1
        for _ in range(step.operators):
            self._start(self._redrive_all(), self._commands)

    async def _redrive_all(self) -> None:
        self._busy += 1
        try:
            while self.broker.dead:
                try:
                    await self._redriver.redrive(CHANGES)
                except (Crash, Exception):  # noqa: BLE001  the operator runs it again
                    self.broker.lock_lost(asyncio.current_task())  # type: ignore[arg-type]
        finally:
            self._busy -= 1

    def _resend(self) -> None:
        self._resend_at = self.boundary.now + _RESEND_EVERY
        self._start(self._resend_marked(), self._host)

    async def _resend_marked(self) -> None:
        try:
            await resend_unqueued(self._intake, older_than=_RESEND_EVERY)
        except Crash:
            self._host_dies(asyncio.current_task())
        except (Exception, asyncio.CancelledError):  # noqa: BLE001
            pass  # its next turn comes

    def _host_dies(self, first: asyncio.Task[None] | None) -> None:
        for task in self._host:
            if task is not first:
                task.cancel()


class _NoRefusals:
    async def put(self, refusal: Any) -> None:
        raise NotImplementedError

    async def get(self, queue: str, message_id: str) -> None:
        return None
