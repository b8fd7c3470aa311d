"""What goes wrong meanwhile: in Graph all the time, and now and then a process as a whole."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from local.soak.system import System
from local.up.stack import Stack

_PATHS = ("devices", "managedDevices", "users")
_FAULTS: Sequence[Mapping[str, Any]] = (
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 503},
    {"status": 504, "afterEffect": True},
    {"drop": "before"},
    {"drop": "after"},
    {"delaySeconds": 2},
)
"""None that Sluice gives up on: every change has to come through."""
_AFTERMATH = 90.0
"""Seconds behind the end of a process in which messages may come twice: a lock lasts 60."""


class Disturbances:
    """Graph's faults every few seconds; a process every few minutes, the host once, at first.

    What grows in the host is seen in the life of one process.
    """

    def __init__(self, system: System, stack: Stack, rng: random.Random, *, every: float) -> None:
        self._system, self._stack, self._rng, self._every = system, stack, rng, every
        self._quiet_from = 0.0
        self.counts: dict[str, int] = {}

    @property
    def in_aftermath(self) -> bool:
        """Whether a message may be delivered twice now."""
        return time.monotonic() < self._quiet_from

    async def until(self, end: float) -> None:
        """Disturb until then, in seconds of the monotonic clock."""
        try:
            async with asyncio.timeout(end - time.monotonic()), asyncio.TaskGroup() as group:
                group.create_task(self._graph())
                group.create_task(self._processes())
        except TimeoutError:
            await self._system.graph("DELETE", "faults")

    async def _graph(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(2, 6))
            fault = self._rng.choice(_FAULTS)
            match = {"path": self._rng.choice(_PATHS)}
            more = {"match": match, "times": self._rng.randint(1, 3)}
            # Those that nobody met do not wait for whoever is the last.
            await self._system.graph("DELETE", "faults")
            await self._system.graph("POST", "faults", {**fault, **more})
            self._count("graph")

    async def _processes(self) -> None:
        await asyncio.sleep(self._every / 2)
        await self._during("host killed", self._kill("host"))
        while True:
            await asyncio.sleep(self._every)
            await self._during("broker killed", self._kill("broker"))
            await asyncio.sleep(self._every)
            await self._during("tables restarted", self._restart("tables"))
            await asyncio.sleep(self._every)
            await self._during("vault restarted", self._restart("vault"))

    async def _during(self, what: str, disturbance: Any) -> None:
        self._quiet_from = float("inf")
        work = asyncio.ensure_future(disturbance)
        try:
            await asyncio.shield(work)
        finally:
            await work  # when the time is up, what was stopped is started all the same
            self._quiet_from = time.monotonic() + _AFTERMATH
        self._count(what)

    async def _kill(self, name: str) -> None:
        self._stack.kill(name)
        await self._stack.answering(name)

    async def _restart(self, name: str) -> None:
        """In the orderly way: Azurite writes its data every five seconds only."""
        await self._stack.stop(name)
        await asyncio.sleep(self._rng.uniform(0, 2))
        await self._stack.start(name)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
