"""Budgets and brakes count right, for several instances at once, and across their crashes."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation.boundary import Boundary, Crash, Mishap
from simulation.policy import ALLOWS_ALL, Policing
from simulation.records import StoreDown

from shared.policy.brakes import Brakes
from shared.policy.limits import Limits

BRAKE = {"name": "mass-change", "sources": ["*"], "devices": 5, "minutes": 10}
BUDGET = {"name": "hourly", "sources": ["jira", "http"], "changesPerHour": 5}
SPENT = "budget.hourly.http"


def policing(boundary: Boundary, **limits: Any) -> Policing:
    return Policing(boundary, ALLOWS_ALL | limits)


async def interleaved(boundary: Boundary, seed: int, *work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run it all at once, each call in any order; what came of each."""
    choose = random.Random(seed)
    tasks = [asyncio.ensure_future(each) for each in work]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        if ready := [here for here in boundary.waiting if not here.go.done()]:
            choose.choice(ready).go.set_result(None)
    return [task.exception() or task.result() for task in tasks]


async def ask(
    policing: Policing, device: str, source: str = "http", instance: Limits | None = None
) -> str | None:
    """Of this instance, else of one of its own."""
    document = policing.file.policy().document
    return await (instance or policing.limits).holding(document, source, device)


@pytest.mark.parametrize("seed", range(20))
async def test_of_many_devices_at_once_a_brake_lets_so_many_pass_and_no_more(seed: int) -> None:
    boundary = Boundary()
    use = policing(boundary, brakes=[BRAKE])
    devices = [f"device:{number % 12}" for number in range(36)]
    random.Random(seed).shuffle(devices)
    came = await interleaved(boundary, seed, *(ask(use, device) for device in devices))
    passed = {device for device, held in zip(devices, came, strict=True) if held is None}
    assert len(passed) == BRAKE["devices"]
    assert Counter(came)[None] <= sum(device in passed for device in devices)
    [state] = (await interleaved(boundary, seed, Brakes(use.file, use.cells).states()))[0]
    assert state.engaged_at


@pytest.mark.parametrize("seed", range(20))
async def test_a_brake_holds_over_crashes_and_lost_replies(seed: int) -> None:
    chance = random.Random(seed)
    kinds = [Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.FAIL_BEFORE, Mishap.FAIL_AFTER]
    mishaps = {call: chance.choice(kinds) for call in range(60) if chance.random() < 0.3}
    boundary = Boundary(mishaps)
    use = policing(boundary, brakes=[BRAKE])
    passed: set[str] = set()
    for number in range(30):
        device = f"device:{number}"
        [held] = await interleaved(boundary, seed, ask(use, device))
        if held is None:
            passed.add(device)
        else:
            assert held == "mass-change" or isinstance(held, Crash | StoreDown)
    assert len(passed) <= BRAKE["devices"]


async def test_a_brake_stays_engaged_until_a_person_lets_it_go() -> None:
    boundary = Boundary()
    use = policing(boundary, brakes=[BRAKE])

    async def held(device: str) -> str | None:
        [came] = await interleaved(boundary, 0, ask(use, device))
        return came  # type: ignore[no-any-return]

    assert [await held(f"device:{number}") for number in range(6)] == [*[None] * 5, "mass-change"]
    boundary.now += timedelta(days=1)
    assert await held("device:9") == "mass-change"
    assert await held("device:1") is None
    await interleaved(boundary, 0, Brakes(use.file, use.cells).release("mass-change"))
    assert await held("device:9") is None


async def test_devices_of_earlier_minutes_do_not_count() -> None:
    boundary = Boundary()
    use = policing(boundary, brakes=[BRAKE])
    for number in range(20):
        assert (await interleaved(boundary, 0, ask(use, f"device:{number}"))) == [None]
        boundary.now += timedelta(minutes=3)


@pytest.mark.parametrize("seed", range(20))
async def test_a_budget_is_spent_once_over_all_instances_and_anew_each_hour(seed: int) -> None:
    boundary = Boundary()
    use = policing(boundary, budgets=[BUDGET])
    for _ in range(2):
        asked = [ask(use, f"device:{n}", ("jira", "http", "intake")[n % 3]) for n in range(30)]
        came = await interleaved(boundary, seed, *asked)
        assert Counter(came) == {"hourly": 10, None: 20}  # five of jira, five of http, all else
        boundary.now += timedelta(hours=1)


async def test_what_comes_while_one_is_counted_is_counted_in_one_swap() -> None:
    boundary = Boundary()
    use = policing(boundary, budgets=[BUDGET | {"changesPerHour": 20}])
    one = use.limits
    first = [ask(use, f"device:{n}", "http", one) for n in range(16)]
    assert await interleaved(boundary, 0, *first) == [None] * 16
    assert boundary.names == ["cells.read", "cells.swap", "cells.swap"]
    # What was written last is known: it is not read again.
    more = [ask(use, f"device:{n}", "http", one) for n in range(16)]
    assert await interleaved(boundary, 0, *more) == [None] * 4 + ["hourly"] * 12
    assert boundary.names == ["cells.read", *["cells.swap"] * 4]


@settings(deadline=None)
@given(
    of=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    budget=st.integers(1, 12),
    seed=st.integers(0, 2**32),
    mishaps=st.dictionaries(
        st.integers(0, 40),
        st.sampled_from(
            [Mishap.FAIL_BEFORE, Mishap.FAIL_AFTER, Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER]
        ),
        max_size=6,
    ),
)
def test_no_history_of_several_instances_lets_more_pass_than_the_budget(
    of: list[int], budget: int, seed: int, mishaps: dict[int, Mishap]
) -> None:
    boundary = Boundary(mishaps)
    use = policing(boundary, budgets=[BUDGET | {"changesPerHour": budget}])
    instances = [use.limits for _ in range(4)]

    async def history() -> list[Any]:
        asked = (ask(use, f"device:{n}", "http", instances[i]) for n, i in enumerate(of))
        came = await interleaved(boundary, seed, *asked)
        boundary.mishaps = {}
        return [*came, (await interleaved(boundary, seed, use.cells.read(SPENT)))[0]]

    *came, cell = asyncio.run(history())
    passed = sum(each is None for each in came)
    assert passed <= cell.value.get("spent", 0) <= budget
    if not boundary.happened:
        assert passed == min(budget, len(of))


async def test_a_store_that_is_down_is_asked_once_for_all_who_wait() -> None:
    boundary = Boundary(dict.fromkeys((0, 1), Mishap.FAIL_BEFORE))
    use = policing(boundary, budgets=[BUDGET])
    one = use.limits
    came = await interleaved(boundary, 0, *(ask(use, f"d:{n}", "http", one) for n in range(16)))
    assert all(isinstance(each, StoreDown) for each in came)
    assert boundary.names == ["cells.read"] * 2  # the first went alone
    assert await interleaved(boundary, 0, ask(use, "d:0", "http", one)) == [None]


async def test_who_goes_away_while_others_wait_is_not_counted_and_keeps_nobody_waiting() -> None:
    boundary = Boundary()
    use = policing(boundary, budgets=[BUDGET])
    one = use.limits
    asked = [asyncio.ensure_future(ask(use, f"d:{n}", "http", one)) for n in range(7)]
    await asyncio.sleep(0)
    for gone in asked[:2]:  # the first of them was at work for all
        gone.cancel()
    await asyncio.wait(asked[:2])
    assert await interleaved(boundary, 0, *(each for each in asked[2:])) == [None] * 5


async def test_an_instance_whose_clock_is_behind_does_not_begin_an_hour_again() -> None:
    boundary = Boundary()
    use = policing(boundary, budgets=[BUDGET])
    boundary.now += timedelta(hours=1)
    assert Counter(
        await interleaved(boundary, 0, *(ask(use, f"d:{n}", "http") for n in range(5)))
    ) == {None: 5}
    boundary.now -= timedelta(minutes=1)
    assert await interleaved(boundary, 0, ask(use, "d:6", "http")) == ["hourly"]


async def test_an_instance_that_has_seen_a_brake_engage_notices_that_it_was_let_go() -> None:
    boundary = Boundary()
    use = policing(boundary, brakes=[BRAKE])
    one = use.limits

    async def held(device: str) -> Any:
        return (await interleaved(boundary, 0, ask(use, device, "http", one)))[0]

    assert [await held(f"d:{n}") for n in range(7)] == [None] * 5 + ["mass-change"] * 2
    await interleaved(boundary, 0, Brakes(use.file, use.cells).release("mass-change"))
    assert await held("d:8") is None
    # And what had passed before is counted anew.
    assert [await held(f"d:{n}") for n in range(5)] == [None] * 4 + ["mass-change"]


def test_a_brake_of_the_most_devices_fits_one_property_of_its_store() -> None:
    most = {"devices": {f"{n:012x}": 29_500_000 for n in range(2_000)}, "engagedAt": "x" * 32}
    assert len(json.dumps(most, separators=(",", ":")).encode()) < 64 * 1024
