"""Whatever dies, fails or comes twice, at any call: no change is lost, none is applied twice.

The real use cases run on ports in memory, on a virtual clock. First every single mishap at every
single call of three scripts, then random histories.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulation.boundary import Boundary, Mishap
from simulation.invariants import check
from simulation.policy import ALLOWS_ALL, Policing
from simulation.scripts import KINDS, devices, planned, post
from simulation.tenant import Device, Tenant
from simulation.world import Cancel, Post, Redrive, Step, World

from shared.changes.states import State
from shared.faults import Transient

TWO = devices(2)
A, B = TWO
PATCHES = [post(1, A, "id"), post(2, A, "id"), post(3, A, "deviceId"), post(4, B, "deviceId")]
ACCOUNTS = [post(1, A, "account"), post(2, A, "managedDeviceId"), post(3, A, "account")]
NAMED = [post(1, A, "deviceName"), post(2, A, "displayName"), post(3, A, "deviceName")]
PLANNED = [
    planned(post(*each)) for each in ((1, A, "id"), (2, B, "account"), (3, A, "managedDeviceId"))
]
FAILURES = [post(1, A, "deviceId"), post(2, A, "account"), post(3, A, "deviceId")]
GUARDED = [post(1, A, "account"), post(2, A, "id"), post(3, A, "serialNumber")]
PROTECTED = {"protected": [{"name": "boardrooms", "devices": [A.name], "decision": "hold"}]}


def play(
    posts: list[Post],
    mishaps: dict[int, Mishap] | None = None,
    *,
    seed: int = 0,
    refused: set[str] = frozenset(),  # type: ignore[assignment]
    failing: set[str] = frozenset(),  # type: ignore[assignment]
    protected: set[str] = frozenset(),  # type: ignore[assignment]
    cancelled: set[str] = frozenset(),  # type: ignore[assignment]
    operators: int = 1,
    guarded: bool = False,
) -> World:
    """Run one history, redrive what failed, and check it."""
    boundary = Boundary(mishaps=dict(mishaps or {}))
    tenant = Tenant(boundary, devices(2))
    tenant.refusing |= refused
    tenant.failing |= failing
    tenant.protected |= protected
    cancels = [Cancel(each.key) for each in posts if each.key in cancelled]
    script: list[Step] = [*posts, *cancels, Redrive(operators), Redrive(), Redrive()]
    policing = Policing(boundary, ALLOWS_ALL | (PROTECTED if guarded else {}))
    world = World(boundary, tenant, script, seed=seed, policing=policing, letting_go=guarded)
    asyncio.run(world.run())
    check(world, posts)
    return world


CASES = {
    "patches": (PATCHES, {}),
    "accounts": (ACCOUNTS, {}),
    "named": (NAMED, {}),
    "planned": (PLANNED, {}),
    "failures": (
        FAILURES,
        {"refused": {"change-1"}, "failing": {"change-2@example.com"}, "operators": 2},
    ),
    "approvals": (
        [post(1, A, "account"), post(2, A, "managedDeviceId")],
        {"protected": {"change-1@example.com"}},
    ),
    "cancels": (PATCHES, {"cancelled": {"change-2", "change-3", "change-4"}}),
    "guarded": (GUARDED, {"guarded": True}),
}


OFTEN = (Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.LOCK_LOST)
"""The others are left to the longer run; the random histories meet calls that fail as well."""


@pytest.mark.parametrize(
    "mishap",
    [pytest.param(each, marks=() if each in OFTEN else pytest.mark.slow) for each in Mishap],
)
@pytest.mark.parametrize("case", CASES)
def test_one_mishap_at_any_call_does_no_harm(case: str, mishap: Mishap) -> None:
    posts, options = CASES[case]
    calls = len(play(posts, **options).boundary.names)
    assert calls > 50
    for number in range(calls):
        world = play(posts, {number: mishap}, **options)
        assert world.boundary.happened == {mishap: 1}


def held(posts: list[Post], mishaps: dict[int, Mishap]) -> World:
    """A history in which nobody releases what the policy holds."""
    boundary = Boundary(mishaps=mishaps)
    policing = Policing(boundary, ALLOWS_ALL | PROTECTED)
    world = World(boundary, Tenant(boundary, devices(2)), [*posts], policing=policing)
    asyncio.run(world.run())
    return world


@pytest.mark.parametrize("kinds", [("id", "deviceId"), ("account", "serialNumber")])
def test_nobody_waits_for_one_that_the_policy_holds(kinds: tuple[str, str]) -> None:
    posts = [post(number, A, kind) for number, kind in enumerate(kinds)]
    for number in range(len(held(posts, {}).boundary.names)):
        for mishap in OFTEN:
            world = held(posts, {number: mishap})
            assert [each.state for each in world.operations.all()] == [State.HELD] * 2
            assert not any(world.lines.lines.values())


def test_nobody_waits_for_one_that_the_policy_holds_and_that_was_put_back_in_line() -> None:
    script: list[Step] = [post(1, A, "deviceId")]
    boundary = Boundary()
    policing = Policing(boundary, ALLOWS_ALL | PROTECTED)
    world = World(boundary, Tenant(boundary, devices(2)), script, policing=policing)
    asyncio.run(world.run())
    world.lines.lines[f"device:{A.device_id}"][world.answered["change-1"]] = 0
    script.append(post(2, A, "deviceId"))
    asyncio.run(world.run())
    assert [each.state for each in world.operations.all()] == [State.HELD] * 2
    assert not any(world.lines.lines.values())


def test_a_deadline_at_any_call_does_no_harm() -> None:
    for number in range(len(play(PATCHES).boundary.names)):
        play(PATCHES, {number: Mishap.OUT_OF_TIME})


def test_one_that_has_ended_is_not_taken_up_again_by_a_deadline() -> None:
    posts = [post(1, A, "id")]
    calls = play(posts).boundary.names
    for number in range(calls.index("operations.save"), len(calls)):
        world = play(posts, {number: Mishap.OUT_OF_TIME})
        [operation] = world.operations.all()
        states = [step.state for step in operation.timeline]
        assert states.index(State.VERIFIED) == len(states) - 1


class Late(Tenant):
    """The first write is in doubt, and shows when the next one is still waiting for its quota."""

    _late: tuple[Any, ...] = ()
    _writes = 0

    def _write(self, device: Device, body: dict[str, Any], code: str | None) -> None:
        self._writes += 1
        if self._writes == 2:
            device.attribute, device.action = self._late
            raise Transient("quota", "its place is later", waits=True)
        super()._write(device, body, code)
        if self._writes == 1:
            self._late = (device.attribute, device.action)
            device.attribute = device.action = None
            raise Transient("graph-504", "a gateway gave up", in_doubt=True)


@pytest.mark.parametrize("kind", ["id", "account"])
def test_a_write_in_doubt_stays_so_while_the_next_one_waits_for_its_quota(kind: str) -> None:
    boundary, posts = Boundary(), [post(1, A, kind)]
    world = World(boundary, Late(boundary, devices(2)), list(posts))
    asyncio.run(world.run())
    check(world, posts)


def test_nobody_waits_for_one_that_has_ended_and_still_stands_in_line() -> None:
    boundary = Boundary()
    script: list[Step] = [PATCHES[2]]
    world = World(boundary, Tenant(boundary, devices(2)), script)
    asyncio.run(world.run())
    world.lines.lines[f"device:{A.device_id}"][world.answered["change-3"]] = 0
    script.append(post(5, A, "deviceId"))
    asyncio.run(world.run())
    check(world, [PATCHES[2], post(5, A, "deviceId")])


@pytest.mark.parametrize("mishap", [Mishap.FAIL_AFTER, Mishap.OUT_OF_TIME])
@pytest.mark.parametrize(
    ("kind", "decision"), [("id", "hold"), ("account", "hold"), ("id", "deny")]
)
def test_a_failed_change_has_one_dead_letter_whoever_else_was_to_look_at_it(
    kind: str, decision: str, mishap: Mishap
) -> None:
    posts = [post(1, A, kind), post(2, A, kind)]
    for number in range(len(unmended(posts, decision, {}).boundary.names)):
        world = unmended(posts, decision, {number: mishap})
        assert all(each.state is State.FAILED for each in world.operations.all())
        letters = Counter(entry.message.correlation for entry in world.broker.dead)
        assert letters == {each.id: 1 for each in world.operations.all()}


@pytest.mark.parametrize("mishap", OFTEN)
def test_no_failed_change_is_without_a_dead_letter(mishap: Mishap) -> None:
    posts = [post(1, A, "id"), post(2, A, "id"), post(3, A, "id")]
    for number in range(len(unmended(posts, "hold", {}).boundary.names)):
        world = unmended(posts, "hold", {number: mishap})
        assert all(each.state is State.FAILED for each in world.operations.all())
        letters = {entry.message.correlation for entry in world.broker.dead}
        assert letters == {each.id for each in world.operations.all()}


def unmended(posts: list[Post], decision: str, mishaps: dict[int, Mishap]) -> World:
    """A history in which all are denied, or held, let go and refused; nobody redrives them.

    One that is let go has a message, and another that makes good a crash of whoever let it go.
    """
    boundary = Boundary(mishaps=mishaps)
    tenant = Tenant(boundary, devices(2))
    for each in posts:
        tenant.refusing |= {each.key, f"{each.key}@example.com"}
    protected = {"name": "boardrooms", "devices": [A.name], "decision": decision}
    policing = Policing(boundary, ALLOWS_ALL | {"protected": [protected]})
    world = World(boundary, tenant, [*posts], policing=policing, letting_go=True)
    asyncio.run(world.run())
    return world


def test_the_action_of_another_change_is_not_taken_for_that_of_a_refused_one() -> None:
    posts = [post(1, A, "account"), post(2, A, "account")]
    world = play(posts, refused={"change-1@example.com"})
    assert world.tenant.devices[0].effects == ["change-2@example.com", "change-1@example.com"]


def renamed(mishap: Mishap, route: str) -> World:
    """A change of a device by name; what happens to one call of it, and a change of names."""
    posts = [post(1, A, "deviceName")]
    calls = play(posts).boundary.names
    boundary = Boundary(mishaps={calls.index(route): mishap})
    tenant = Tenant(boundary, devices(2))
    tenant.renamed_at = boundary.now + timedelta(seconds=2)
    world = World(boundary, tenant, [*posts, Redrive()])
    asyncio.run(world.run())
    return world


def test_a_try_does_not_follow_a_name_to_another_device_and_a_redrive_does() -> None:
    world = renamed(Mishap.FAIL_BEFORE, "get-managed-device")
    [operation] = world.operations.all()
    assert [step.detail for step in operation.timeline if step.state == "failed"] == [
        "target-changed"
    ]
    assert [each.effects for each in world.tenant.devices] == [[], ["change-1"]]
    assert operation.resolved == {"managedDeviceId": B.managed_id}


def test_a_write_that_may_be_out_is_looked_for_where_it_was_sent() -> None:
    world = renamed(Mishap.FAIL_AFTER, "patch-managed-device")
    [operation] = world.operations.all()
    assert operation.state == "verified"
    assert [each.effects for each in world.tenant.devices] == [["change-1"], []]


def test_what_nobody_releases_expires_after_three_days_and_the_next_goes_on() -> None:
    boundary = Boundary()
    tenant = Tenant(boundary, devices(2))
    tenant.protected.add("change-1")
    script = [post(1, A, "deviceId"), post(2, A, "deviceId")]
    world = World(boundary, tenant, list(script), releasing=False)
    began = boundary.now
    asyncio.run(world.run())
    first, second = world.operations.all()
    assert (first.state, second.state) == ("expired", "verified")
    assert tenant.devices[0].effects == ["change-2"]
    assert boundary.now - began >= timedelta(days=3)
    assert not any(world.lines.lines.values())
    assert not world.broker.entries


MISHAPS = st.dictionaries(st.integers(0, 300), st.sampled_from(Mishap), max_size=8)
POSTS = st.lists(st.tuples(st.sampled_from(TWO), st.sampled_from(KINDS)), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(posts=POSTS, mishaps=MISHAPS, seed=st.integers(0, 1 << 30), data=st.data())
def test_random_histories_do_no_harm(
    posts: list[tuple[object, str]], mishaps: dict[int, Mishap], seed: int, data: st.DataObject
) -> None:
    script = [post(number, device, kind) for number, (device, kind) in enumerate(posts)]  # type: ignore[arg-type]
    keys = st.sets(st.sampled_from([each.key for each in script]), max_size=2)
    play(
        script,
        mishaps,
        seed=seed,
        refused=data.draw(keys),
        protected=data.draw(keys),
        cancelled=data.draw(keys),
        operators=2,
        guarded=data.draw(st.booleans()),
    )


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_random_histories_do_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("HISTORIES", "10000"))
    totals: Counter[str] = Counter()
    for seed in range(count):
        rng = random.Random(seed)
        posts = [
            post(number, rng.choice(TWO), rng.choice(KINDS)) for number in range(rng.randint(1, 8))
        ]
        mishaps = {rng.randrange(300): rng.choice(list(Mishap)) for _ in range(rng.randint(0, 8))}
        refused = {each.key for each in posts if rng.random() < 0.1}
        protected = {each.key for each in posts if rng.random() < 0.1}
        cancelled = {each.key for each in posts if rng.random() < 0.1}
        guarded = rng.random() < 0.3
        world = play(
            posts,
            mishaps,
            seed=seed,
            refused=refused,
            protected=protected,
            cancelled=cancelled,
            operators=2,
            guarded=guarded,
        )
        totals += world.boundary.happened
        totals["changes"] += len(posts)
        totals["calls"] += len(world.boundary.names)
    told = ", ".join(f"{number} {name}" for name, number in sorted(totals.items()))
    with capsys.disabled():
        sys.stdout.write(f"\n{count} histories: {told}\n")
    assert totals["changes"] > count
