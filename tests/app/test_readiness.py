"""Whoever asks for health without a key cannot make Sluice call what it depends on at will."""

import asyncio
from datetime import UTC, datetime, timedelta

from shared.health.readiness import LATELY, Health
from shared.permissions.report import Report, examine


class Dependency:
    """Answers, or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.well = True
        self.now = datetime(2026, 12, 1, tzinfo=UTC)
        self.health = Health(
            {"queues": self.ping}, self.permissions, self.overdue, lambda: self.now
        )

    async def ping(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if not self.well:
            raise OSError

    async def overdue(self) -> int:
        await self.ping()
        return 3

    async def permissions(self) -> Report:
        return examine((), ())


async def test_many_who_ask_at_once_cost_one_look() -> None:
    one = Dependency()
    found = await asyncio.gather(*(one.health.lately() for _ in range(100)))
    assert one.asked == 2, "the check, and the overdue accounts"
    assert {each.ready for each in found} == {True}


async def test_what_was_found_a_moment_ago_will_do_and_no_longer() -> None:
    one = Dependency()
    await one.health.lately()
    one.well = False
    one.now += LATELY - timedelta(seconds=1)
    assert (await one.health.lately()).ready
    one.now += timedelta(seconds=1)
    assert not (await one.health.lately()).ready
    assert one.asked == 4


async def test_who_operates_it_always_hears_how_it_is_now() -> None:
    one = Dependency()
    await one.health.lately()
    one.well = False
    assert not (await one.health.now()).ready
    assert not (await one.health.lately()).ready, "and so does everybody else from then on"


async def test_overdue_accounts_are_told_and_make_nothing_unready() -> None:
    one = Dependency()
    found = await one.health.now()
    assert (found.ready, found.details["overdue"]) == (True, 3)
    one.well = False
    assert (await one.health.now()).details["overdue"] is None
