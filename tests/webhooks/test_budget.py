"""What a source file bounds of itself, beside what the policy file bounds of all."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from gate import GOOD, MINIMAL, SECRET, Gate, Immediate, gate_of
from simulation.policy import ALLOWS_ALL, Policing

from shared.changes.states import State
from shared.webhooks.sources import SourceError

TWO = MINIMAL | {"budget": {"changesPerHour": 2}}


async def decided(gate: Gate, ticket: int) -> tuple[str, str | None]:
    body = json.dumps(GOOD | {"ticket": f"T-{ticket}"}).encode()
    [change] = (await gate.receive("tool", body, {"X-Key": SECRET})).changes
    decision = change.operation.decision
    return change.operation.state, decision and decision.rule


async def test_what_is_over_the_budget_of_a_source_file_is_held_until_a_person_decides(
    tmp_path: Path,
) -> None:
    gate = gate_of(tmp_path, TWO)
    went = (State.ACCEPTED, "all")
    over = (State.HELD, "source-budget")
    assert [await decided(gate, n) for n in range(4)] == [went, went, over, over]
    assert await decided(gate, 0) == went, "a repeat is not counted"
    gate.set_clock(gate.clock() + timedelta(hours=1))
    assert await decided(gate, 5) == went


async def test_a_new_instance_goes_on_counting(tmp_path: Path) -> None:
    policing = Policing(Immediate())
    came = [await decided(gate_of(tmp_path, TWO, policing=policing), n) for n in range(3)]
    assert [state for state, _ in came] == [State.ACCEPTED, State.ACCEPTED, State.HELD]


@pytest.mark.parametrize(("own", "of_all", "by"), [(1, 3, "source-budget"), (3, 1, "hourly")])
async def test_the_smaller_budget_is_the_one_that_counts(
    tmp_path: Path, own: int, of_all: int, by: str
) -> None:
    budget = {"name": "hourly", "sources": ["*"], "changesPerHour": of_all}
    source = MINIMAL | {"budget": {"changesPerHour": own}}
    gate = gate_of(tmp_path, source, policy=ALLOWS_ALL | {"budgets": [budget]})
    came = [await decided(gate, n) for n in range(2)]
    assert came == [(State.ACCEPTED, "all"), (State.HELD, by)]


@pytest.mark.parametrize("budget", [0, 5, {}, {"changesPerHour": 0}, {"changesPerHour": "5"}])
def test_a_budget_that_bounds_nothing_does_not_load(tmp_path: Path, budget: Any) -> None:
    gate = gate_of(tmp_path, MINIMAL | {"budget": budget})
    with pytest.raises(SourceError, match="budget"):
        gate.sources.find("tool")
