"""A bulk change of very many targets: the work grows with them and no faster."""

import asyncio
import json
from dataclasses import dataclass, replace

import pytest
from simulation.boundary import Boundary
from simulation.scripts import devices
from simulation.tenant import Tenant
from simulation.world import Ask, World

from shared.bulk.accept import BulkIntake
from shared.bulk.record import Progress
from shared.bulk.request import read_bulk_request
from shared.changes.states import State


@dataclass(frozen=True)
class Work:
    """For each target of a bulk change that came to its end."""

    rows: float
    """Results and news that were read to count them."""
    calls: float
    """Of any port, whoever made them."""


def carried_out(targets: int, *, seed: int = 0) -> Work:
    """All of a bulk change on the virtual clock, a hundred at a time."""
    boundary = Boundary()
    tenant = Tenant(boundary, devices(targets))
    asked = {
        "operation": "patchDevice",
        "set": {"extensionAttributes": {"extensionAttribute1": "bulk"}},
        "targets": [{"deviceId": device.device_id} for device in tenant.devices],
    }

    async def ask(world: World) -> None:
        intake = BulkIntake(world.bulk.intake, world.bulk.targets)
        await intake.take(read_bulk_request(json.dumps(asked).encode()), key="bulk")

    world = World(boundary, tenant, [Ask(ask)], seed=seed)
    world.bulk = replace(world.bulk, most_open=100)
    asyncio.run(world.run(most_steps=200 * targets))
    [bulk] = [each for each in world.operations.all() if each.is_bulk]
    assert bulk.state is State.VERIFIED
    assert Progress.of(bulk).begun == targets
    assert [len(device.effects) for device in tenant.devices] == [1] * targets
    assert not world.broker.entries
    return Work(world.results.read / targets, len(boundary.names) / targets)


def test_four_times_the_targets_are_four_times_the_work() -> None:
    small, large = carried_out(100), carried_out(400)
    assert large.rows < 1.5 * small.rows, (small, large)
    assert large.calls < 1.5 * small.calls, (small, large)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_targets_are_a_hundred_times_the_work_of_a_hundred() -> None:
    small, large = carried_out(100), carried_out(10_000)
    assert large.rows < 1.5 * small.rows, (small, large)
    assert large.calls < 1.5 * small.calls, (small, large)
