"""The course of a soak: users and disturbances for so long, a line a minute, then the verdict."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from local.demo.vault import store_secret
from local.soak.disturbances import Disturbances
from local.soak.duty import Duty
from local.soak.rooms import room
from local.soak.system import System, Wrong
from local.soak.users import WEBHOOK_SECRET, User, Users
from local.soak.watch import Growth, Watch
from local.up.stack import Stack, running_stack

MOST_RSS, MOST_FILES = 1.0, 1.0
"""MiB, and open files, by which the host may grow for each 1,000 changes."""
LEAST_RSS, LEAST_FILES = 8.0, 48.0
"""Less than that in all says nothing: links come and go, and memory is freed late."""
_EVERY = 5.0
"""Seconds between two samples."""
_SETTINGS: Mapping[str, str] = {
    "WEBHOOK_SOURCES": "servicenow",
    "READ_BACK_SECONDS": "1,2,5,10,30",
    "ACTION_CHECK_SECONDS": "1,2,5,10,30",
    "RETRY_FIRST_SECONDS": "1",
    "RETRY_LONGEST_SECONDS": "10",
    "MAX_ATTEMPTS": "20",
}
"""Short waits, so that more happens in the time; enough tries that no fault is a reason to fail."""


class Soak:
    """One run against a running stack."""

    def __init__(
        self, stack: Stack, system: System, log: Path, *, seed: int, every: float, users: int
    ) -> None:
        self._stack, self._system, self._of_each_kind = stack, system, users
        rng = random.Random(seed)  # noqa: S311  a seed, no secret
        self._rng, self._users = rng, Users(system, rng)
        self._disturbances = Disturbances(system, stack, rng, every=every)
        self._duty = Duty(system)
        self._watch = Watch(log)
        self._ends: Counter[str] = Counter()
        self._wrong: list[str] = []
        self._began = time.monotonic()

    async def run(self, minutes: float) -> bool:
        """Whether nothing was wrong."""
        users = await self._all_users()
        self._began = time.monotonic()
        until = self._began + minutes * 60
        disturbing = self._disturbances.until(until)
        beside = (disturbing, self._duty.look_and_release(), self._look())
        tasks = [asyncio.create_task(each) for each in beside]
        try:
            await asyncio.gather(*(self._use(name, user, until) for name, user in users))
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        self._wrong += [repr(each) for each in outcomes if isinstance(each, Exception)]
        await self._count_the_dead()
        return self._verdict()

    async def _all_users(self) -> list[tuple[str, User]]:
        endpoints, make = self._system.endpoints, self._users
        await store_secret(endpoints, "webhook-servicenow", WEBHOOK_SECRET)
        await store_secret(endpoints, "servicenow-password", str(endpoints.itsm_password))
        kinds: Mapping[str, Callable[[], Awaitable[User]]] = {
            "rooms": lambda: room(self._system, self._rng),
            "in order": make.one_after_the_other,
            "by queue": make.by_queue,
            "unchanged": make.unchanged,
            "managed": make.managed,
            "failing": make.failing,
            "malformed": make.malformed,
            "cancelled": make.cancelled,
            "bulk": make.bulk,
            "tickets": make.ticket,
        }
        return [
            (name, await kind()) for name, kind in kinds.items() for _ in range(self._of_each_kind)
        ]

    async def _use(self, name: str, user: User, until: float) -> None:
        while time.monotonic() < until:
            try:
                done = await user()
                self._ends[name] += done
            except Wrong as wrong:
                self._wrong.append(f"{name}: {wrong}")
                print(f"WRONG {name}: {wrong}", flush=True)
            except (httpx.HTTPError, TimeoutError) as error:
                self._wrong.append(f"{name}: {error!r}")
                print(f"WRONG {name}: {error!r}", flush=True)
            await asyncio.sleep(self._rng.uniform(0, 0.2))

    async def _look(self) -> None:
        """Take samples and say each minute how it goes. Ends with the run."""
        said = 0
        while True:
            await asyncio.sleep(_EVERY)
            if pid := self._stack.pids.get("host"):
                explained = self._disturbances.in_aftermath
                self._watch.look(pid, self._ends.total(), explained=explained)
            if (minute := int((time.monotonic() - self._began) / 60)) > said:
                said = minute
                print(self._line(minute), flush=True)
                for control in (self._system.graph, self._system.tools):
                    await control("DELETE", "journal")  # they keep all that they are asked

    def _line(self, minute: int) -> str:
        held = self._watch.samples[-1].held if self._watch.samples else None
        now = f"rss {held.rss:.1f} MiB, files {held.files}, sockets {held.sockets}" if held else ""
        return (
            f"minute {minute}: {self._ends.total()} changes, {now}, "
            f"redelivered {self._watch.redelivered}, sessions lost {self._watch.lost}, "
            f"wrong {len(self._wrong)}"
        )

    async def _count_the_dead(self) -> None:
        """What failed must be in a dead-letter queue, and nothing else.

        A message that came again after a disturbance may have been copied already: both may die.
        """
        for queue, expected in {**self._users.dead, "outcomes": 0}.items():
            failed = _what_failed(await self._system.dead(queue))
            for _ in range(60):
                if len(failed) >= expected:
                    break
                await asyncio.sleep(1)
                failed = _what_failed(await self._system.dead(queue))
            twice = failed.total() - len(failed)
            if len(failed) != expected or twice > min(len(failed), self._watch.redelivered):
                told = f"{failed.total()} dead letters of {len(failed)} that failed"
                self._wrong.append(f"{queue} has {told}, and {expected} belong there")

    def _verdict(self) -> bool:
        growth, watch = Growth.of(self._watch.samples), self._watch
        rss, files = growth.for_each(1_000)
        if growth.rss > LEAST_RSS and rss > MOST_RSS:
            self._wrong.append(f"the host grew by {growth.rss:.1f} MiB")
        if growth.files > LEAST_FILES and files > MOST_FILES:
            self._wrong.append(f"the host grew by {growth.files:.0f} open files")
        if watch.unexplained:
            self._wrong.append(f"{watch.unexplained} locks were lost without a disturbance")
        print(f"disturbances: {_told(self._disturbances.counts)}")
        print(f"held by a brake and let go: {self._duty.released}")
        print(f"changes that ended right: {_told(self._ends)}")
        for each in self._wrong:
            print(f"WRONG {each}")
        print(
            f"{'FAILED' if self._wrong else 'OK'}: {self._ends.total()} changes in "
            f"{(time.monotonic() - self._began) / 60:.1f} minutes; for 1,000 changes "
            f"{rss:+.2f} MiB and {files:+.2f} open files, over "
            f"{growth.changes}; redelivered {watch.redelivered}, unexplained {watch.unexplained}; "
            f"dead letters {sum(self._users.dead.values())}",
            flush=True,
        )
        return not self._wrong


async def soak(minutes: float, *, seed: int, every: float, users: int) -> bool:
    """Run on a stack of its own; whether nothing was wrong."""
    with TemporaryDirectory(prefix="sluice-soak-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        async with (
            running_stack(data=data, settings=_SETTINGS, itsm=True) as stack,
            httpx.AsyncClient(timeout=60, trust_env=False) as http,
        ):
            system = System(stack.endpoints, http)
            log = data / "logs" / "host.log"
            try:
                course = Soak(stack, system, log, seed=seed, every=every, users=users)
                return await course.run(minutes)
            finally:
                with suppress(Exception):
                    await system.close()


def _what_failed(letters: list[str]) -> Counter[str]:
    """The operations or messages that dead letters are of, by the ids of the letters."""
    return Counter(each.partition(".")[0] for each in letters)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"
